/** How many pages a reply has at most; what is beyond goes into a file. */
export const maxPages = 10;
