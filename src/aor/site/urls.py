"""No pages yet: the program `aor` is the door."""

urlpatterns: list[object] = []
