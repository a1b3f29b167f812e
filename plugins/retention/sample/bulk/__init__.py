"""The bulk: ordinary rows around the cases, of which a tenth or so is due. They carry no labels."""
