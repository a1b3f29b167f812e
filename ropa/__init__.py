"""The compliance team's room: declarations and the register that is made from them."""
