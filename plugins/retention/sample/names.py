"""Invented people, companies and addresses. Emails end in .example, telephone numbers are of blocks kept free for fiction."""

from __future__ import annotations

import random
from typing import NamedTuple

_FIRST = (
    "Adèle",
    "Armand",
    "Bérénice",
    "Blaise",
    "Capucine",
    "Célestin",
    "Clotilde",
    "Côme",
    "Delphine",
    "Edgar",
    "Églantine",
    "Firmin",
    "Garance",
    "Gaspard",
    "Héloïse",
    "Honoré",
    "Iris",
    "Isidore",
    "Joséphine",
    "Justin",
    "Léonie",
    "Lubin",
    "Mahaut",
    "Martial",
    "Noémie",
    "Octave",
    "Ombeline",
    "Philomène",
    "Quentin",
    "Rosalie",
    "Sidonie",
    "Théodore",
    "Zoé",
)
_LAST_HEAD = ("Ambre", "Brume", "Chante", "Claire", "Douce", "Ferre", "Givre", "Haute", "Joyeu", "Lande", "Marche", "Orme")
_LAST_TAIL = ("bois", "lune", "mare", "noix", "pierre", "rive", "sente", "tour", "val", "vigne", "dune", "fort")
_TRADE = ("Atelier", "Comptoir", "Maison", "Ateliers", "Cabinet", "Librairie", "Imprimerie", "Menuiserie", "Studio")
_COMPANY_HEAD = ("Brumel", "Calvor", "Doriv", "Estram", "Faluz", "Grivand", "Hestol", "Jarvig", "Lumbrel", "Morvaz", "Norfil")
_COMPANY_TAIL = ("ange", "ène", "ière", "in", "oise", "olle", "onde", "ou", "ure", "y")
_FORM = ("SARL", "SAS", "EURL", "SA", "SCOP")
_STREET = ("rue des Tilleuls", "avenue du Moulin", "rue de la Source", "chemin des Vignes", "place du Marché")
_CITY = ("13006 Marseille", "31000 Toulouse", "33000 Bordeaux", "35000 Rennes", "44000 Nantes", "59000 Lille", "69003 Lyon")
_FOLD = str.maketrans("àâäçéèêëîïôöùûüÉÈÀÇ", "aaaceeeeiioouuuEEAC")
_LETTERS = "abcdefghjkmnpqrstuvwxyz"


class Person(NamedTuple):
    full_name: str
    email: str


class Names:
    """A seeded source of invented names."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def person(self) -> Person:
        pick = self._rng.choice
        first, last = pick(_FIRST), pick(_LAST_HEAD) + pick(_LAST_TAIL)
        local = f"{first}.{last}".lower().translate(_FOLD)
        return Person(f"{first} {last}", f"{local}.{self._rng.randrange(1000)}@{pick(_COMPANY_HEAD).lower()}.example")

    def company(self) -> str:
        pick = self._rng.choice
        return f"{pick(_TRADE)} {pick(_COMPANY_HEAD)}{pick(_COMPANY_TAIL)} {pick(_FORM)}"

    def address(self) -> str:
        pick = self._rng.choice
        return f"{self._rng.randrange(1, 120)} {pick(_STREET)}, {pick(_CITY)}"

    def telephone(self) -> str:
        """A number of the block 04 65 71, kept free for fiction."""
        return f"+33 4 65 71 {self._pair()} {self._pair()}"

    def mobile(self) -> str:
        """A number of the block 06 39 98, kept free for fiction."""
        return f"+33 6 39 98 {self._pair()} {self._pair()}"

    def fingerprint(self) -> str:
        """Stands for the application's keyed digest of an address. Letters only: digits could look like a card number."""
        return "".join(self._rng.choices(_LETTERS, k=40))

    def _pair(self) -> str:
        return f"{self._rng.randrange(100):02d}"
