from django.apps import AppConfig


class CalendarConfig(AppConfig):
    name = "aor.calendar"
    label = "calendar"
