/** What stands between two names where they are glued together. */
export const GLUES = ['', ':', '/', '|', '-', '_', ' ', '\n', '\0', '","'];
