"""One nurse put together from its parts, and its lifetime."""

from otelnurse.nurse.nurse import Nurse

__all__ = ["Nurse"]
