/** How long a link code holds. */
export const LINK_MS = 600_000;
/** Digits and letters that nobody mistakes for one another; 32 of them. */
export const LINK_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const FORM = /^[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2}$/;

/** Whether a text has the form of a link code: twelve letters, 60 bits. */
export const isLinkCode = (text: string): boolean => FORM.test(text.trim().toUpperCase());
