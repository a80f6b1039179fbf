package name

// Long is for another platform.
const Long = "Ada, Countess of Lovelace"
