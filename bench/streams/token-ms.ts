/** Between two tokens of a stream, in ms: slow enough that 500 streams are no matter of computing. */
export const tokenMs = 250;
