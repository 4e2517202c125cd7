"""Given and family names that stand for one another: short forms, and spellings of other tongues."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

# One group a line: any two of it may be the same person's name. Plain letters, as `names.plain` gives them.
_GIVEN = """
abigail abby gail
abraham abe ibrahim ibraahiim abram
agnes aggie inez ines
albert al bert alberto
alexander alex alec sandy xander alejandro sasha
alexandra alex sandra sandy lexi alejandra
alfred al fred alfredo
alice allie ali alicia
amanda mandy
andrew andy drew anders andres andre
angela angie
anna ann anne annie ana anita
anthony tony antonio anton
arthur art artie arturo
barbara barb babs
benjamin ben benny benji
bernard bernie
bradley brad
calvin cal
candace candy
carol carrie caroline carolyn lynn carolina
catherine katherine kathryn kate katie kathy cathy cat kay kitty katrina karen karin catalina
charles charlie chuck chas carlos
christina christine chris chrissy tina kristin kristine kristina kirsten cristina
christopher chris topher kit cristobal kristoffer
clifford cliff
cynthia cindy
daniel dan danny
david dave davey dawit
deborah debra deb debbie
dennis denny
dolores lola
donald don donny
dorothy dot dottie dolly
douglas doug
edward ed eddie ted teddy ned eduardo
eleanor ellie nell nora
elizabeth liz beth betty betsy lizzie eliza libby elsa lisa isabel elisabet bess
emily em emmy emilia
eric erik ric rick erick
eugene gene eugenio
evelyn evie
frances fran francie francisca paca
francis frank francisco paco pancho cisco
franklin frank
frederick fred freddy federico fritz
gabriel gabe
gabriela gabby gaby
gerald gerry jerry
gregory greg gregorio
guadalupe lupe lupita
guillermo memo william
harold hal harry
harriet hattie
helen nell elena nellie
henry hank harry enrique quique henrik
herbert herb bert
ignacio nacho
isaac ike
jacob jake jacobo jakob
jacqueline jackie
james jim jimmy jamie jaime santiago
janet jan
jeffrey geoffrey jeff geoff
jennifer jen jenny
jessica jess jessie
jesus chuy
joanna joan jo joann juana
jonathan jon john nathan
john jack johnny jon juan johan ivan jan
joseph joe joey jose pepe josef yusuf yuusuf
josephine jo josie josefina
joshua josh josue
judith judy judi
julia julie juliana
kenneth ken kenny
kimberly kim
lawrence larry laurence lars lorenzo
leonard leo len lenny leonardo
linda lindy lynn
louis lou luis lewis louie
louise lou luisa
lucia lucy lucie
magnus mons
manuel manny manolo
margaret maggie meg peg peggy marge margie greta rita margarita margit margret marit
marisol mari sol
mark marc marcos marcus
martha marty marta patty
martin marty
mary marie maria molly polly mamie mia maren
maria mari mariam maryam
matthew matt mateo matthias mats
mercedes meche
michael mike mickey mick miguel mikael
michelle shelly
mildred millie
mohamed mohammed muhammad mohammad muhammed mahamed mohamud maxamed moe mo
montserrat montse
nancy nan
natalie nat nathalie
nathaniel nathan nate nat
nicholas nick nicky nicolas niko nils
norman norm
nkauj gao
oscar ozzie
pamela pam
patricia pat patty patsy tricia trish
patrick pat paddy patricio
paul pablo paulo pal
peter pete pedro per petter
philip phil felipe
rachel rae raquel
ramon moncho raymond
raymond ray
rebecca becky becca
refugio cuca
reginald reggie
richard rick dick rich ricky ricardo
robert rob bob bobby robbie bert roberto
rocio chio
roger rog rodrigo
ronald ron ronnie
rosario chayo
rose rosie rosa rosalind
russell russ
salvador chava sal
samantha sam sammy
samuel sam sammy
sarah sally sadie sara sahra sara
sebastian seb bastian
stephanie steph stephy estefania
stephen steven steve stevie esteban stefan
stanislaw stan stas stanley
susan sue susie suzanne suzy susana
teresa terry tess theresa tere tessa
theodore ted teddy theo
thomas tom tommy tomas
timothy tim timmy
torvald tor
tub tou
valentina val valerie
veronica vero ronnie roni
victor vic vick
victoria vicky tori vickie
vincent vince vinny vicente
virginia ginny ginger
walter walt wally
wayne wane
william will bill billy willy liam willie guillermo
zachary zach zack
concepcion concha conchita connie
araceli celi cheli
joaquin quin kino
german mancho
efrain efra
belen belencita
noemi mimi naomi
ximena xime jimena
julian jules julio
tomas tommy
solveig sol
ingrid inga inge
gudrun gunn
linnea nea linn
sigrid siri
astrid asta
gunnar gunn
bjorn bear
oksana ksenia xenia
zofia zosia sophia sofia sophie
lukasz luke lucas luka
faadumo faduma fatima fatuma fadumo fatma fatimah
xasan hassan hasan
xaliimo halimo halima
axmed ahmed ahmad
cabdi abdi
cali ali
cumar omar umar
cismaan osman uthman
casha asha aisha caasha aysha
saciid said saeed
saynab zaynab zeinab zainab
khadra khadija khadijo
jaamac jama
faarax farah
warsame warsama
guuleed guled
liibaan liban
bashiir bashir
xirsi hirsi
nuur nur noor
ayaan ayan
maiv mai
paj pa
hlis hli lee
npaub bao
vaj vang
xyooj xiong
thoj thao
muas moua
lauj lor lo
yaj yang
vwj vue vu
khab khang
ham hang
tsab cha chang
kwm kue
hawj her herr
lis ly lee
htoo too
nguyen nguyenn nuyen
"""


def _groups() -> Mapping[str, frozenset[int]]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for number, line in enumerate(_GIVEN.split("\n")):
        for word in line.split():
            found[word].add(number)
    return {word: frozenset(groups) for word, groups in found.items()}


_OF = _groups()
_NONE: frozenset[int] = frozenset()


def related(a: str, b: str) -> bool:
    """Whether two plain names may stand for one another, as Bill for William or Xasan for Hassan."""
    return not _OF.get(a, _NONE).isdisjoint(_OF.get(b, _NONE))
