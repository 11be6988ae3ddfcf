/** Lark's terminals for common use, which a grammar may import: the same texts as in Lark, in notation of our own. */
export const COMMON = String.raw`
DIGIT: /[0-9]/
HEXDIGIT: /[0-9A-Fa-f]/
INT: /[0-9]+/
SIGNED_INT: /[-+]?[0-9]+/
DECIMAL: /[0-9]+\.[0-9]*|\.[0-9]+/
FLOAT: /[0-9]+[eE][-+]?[0-9]+/ | DECIMAL /([eE][-+]?[0-9]+)?/
SIGNED_FLOAT: /[-+]?/ FLOAT
NUMBER: FLOAT | INT
SIGNED_NUMBER: /[-+]?/ NUMBER
ESCAPED_STRING: /"([^"\\\n]|\\[^\n])*"/
LCASE_LETTER: /[a-z]/
UCASE_LETTER: /[A-Z]/
LETTER: /[A-Za-z]/
WORD: /[A-Za-z]+/
CNAME: /[A-Za-z_][A-Za-z_0-9]*/
WS_INLINE: /[ \t]+/
WS: /[ \t\f\r\n]+/
CR: /\r/
LF: /\n/
NEWLINE: /(\r?\n)+/
SH_COMMENT: /#[^\n]*/
CPP_COMMENT: /\/\/[^\n]*/
C_COMMENT: /\/\*([^*]|\*+[^*\/])*\*+\//
SQL_COMMENT: /--[^\n]*/
`;
