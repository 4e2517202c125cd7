"""Names for people who do not exist, as they are heard in Minnesota."""

from __future__ import annotations

from random import Random


def _words(text: str) -> list[str]:
    return text.split(", ")


_FAMILIES = (
    # share, women's and girls', men's and boys', family names
    (
        46,
        _words(
            "Astrid, Solveig, Ingrid, Märta, Åsa, Kirsten, Linnéa, Sigrid, Brita, "
            "Tove, Karin, Freya, Elin, Maren, Lærke, Gudrun"
        ),
        _words(
            "Lars, Søren, Björn, Nils, Erik, Jørgen, Håkon, Gunnar, Einar, "
            "Torvald, Anders, Leif, Magnus, Åke, Sven, Ole"
        ),
        _words(
            "Ødegård, Sjöberg, Haugen, Lindqvist, Bjørnstad, Åkerlund, Nygård, Torkelsen, Strömberg, Løvdahl, "
            "Hellstrøm, Engebretsen, Grønvold, Östman, Kjærgaard, Halvorsrud, Sæther, Brännström, Rødland, Tveit"
        ),
    ),
    (
        14,
        _words("Kaying, Mai See, Pa Houa, Gao Nou, Bao, Nkauj Hli, Mee, Yer, Pahoua, Kia, Maly, Sua"),
        _words("Tou, Chue, Pao, Kou, Cheng, Long, Toua, Nhia, Xeng, Yeng, Blong, Fue"),
        _words("Vang, Xiong, Thao, Moua, Lor, Yang, Vue, Khang, Hang, Cha, Kue, Herr"),
    ),
    (
        14,
        _words("Ayaan, Faadumo, Hodan, Ifrah, Khadra, Saynab, Sahra, Ubax, Xaliimo, Ladan, Deeqa, Casha"),
        _words("Cabdi, Xasan, Maxamed, Warsame, Axmed, Faarax, Liibaan, Saciid, Bashiir, Guuleed, Cumar, Jaamac"),
        _words("Cali, Warsame, Jaamac, Nuur, Guuleed, Xirsi, Cismaan, Faarax, Diiriye, Samatar, Cigaal, Abshir"),
    ),
    (
        16,
        _words("Lucía, Inés, María-José, Ximena, Belén, Rocío, Marisol, Noemí, Araceli, Itzel, Concepción, Verónica"),
        _words("José, Andrés, Joaquín, Ángel, Martín, Efraín, Ramón, Tomás, Germán, Iván, Óscar, Julián"),
        _words(
            "Muñoz, Núñez, Ibáñez, Peña, Córdova, Quiñones, Ávila, "
            "Zúñiga, Beltrán, Montúfar, Nevárez, Argüello, Solís-Paz"
        ),
    ),
    (
        10,
        _words("Thảo, Bích, Ngọc, Naw Paw, Eh Moo, Miigwan, Waabigwan, Selam, Hirut, Oksana, Zofia, Żaneta"),
        _words("Bảo, Dũng, Phúc, Saw Htoo, Ler Wah, Makwa, Niigaan, Dawit, Tesfaye, Ostap, Łukasz, Stanisław"),
        _words(
            "Nguyễn, Trần, Phạm, Htoo, Moo, Bineshii, Keewatin, Bekele, Tadesse, Kovalenko, Wiśniewska, O'Dálaigh"
        ),
    ),
)
_SHARES = [family[0] for family in _FAMILIES]


def family(random: Random) -> int:
    """Which of the kinds of names a household bears."""
    return random.choices(range(len(_FAMILIES)), _SHARES)[0]


def first_name(random: Random, kind: int, sex: str) -> str:
    """A given name of that kind; sex is F, M or U."""
    women, men = _FAMILIES[kind][1:3]
    return random.choice(women if sex == "F" else men if sex == "M" else [*women, *men])


def last_name(random: Random, kind: int) -> str:
    """A family name of that kind."""
    return random.choice(_FAMILIES[kind][3])
