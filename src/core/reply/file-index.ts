/** Under which index the journal notes the file that holds what ten pages do not: above every page's. */
export const fileIndex = 1_000;
