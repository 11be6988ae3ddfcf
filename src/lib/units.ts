export const J_PER_KWH = 3.6e6;
