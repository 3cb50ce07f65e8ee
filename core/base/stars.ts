// What stands for a known secret in whatever is shown, in place of its own characters: so a text with stars has another length.
export const stars = "****";
