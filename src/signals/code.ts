/** The signal `code`: program text is in the request or is asked for. */
import { score, type Features, type Signal } from '../core/signal.ts';
import { either, gather, lexicon } from './text/evidence.ts';
import type { Reading } from './text/reader.ts';
import { unitReader } from '../lib/text-units.ts';

/** Words of programmers in the languages that customers write; a weight is how surely that word alone means code. */
const WORDS = {
  'javascript typescript python golang csharp cpp kotlin php sql mysql postgresql mongodb regex regexp html css jquery nodejs numpy pandas django rustc haskell dockerfile kubectl webpack npm pytest powershell bash': 0.75,
  'stacktrace traceback segfault nullpointerexception typeerror valueerror keyerror syntaxerror undefined refactor refactorizar debug debugging debuggen depurar leetcode codebase quicksort mergesort fibonacci': 0.6,
  'java rust swift scala ruby perl react angular vue api json xml yaml git github docker kubernetes backend frontend endpoint compiler compilador algorithm algoritmo algorithme algorithmus recursion recursive recursiva recursivo': 0.4,
  'code coding programming programa programar programmieren programmer quellcode skript script scripts compile compilar kompilieren compila unittest codigo pointer array arrays boolean dataframe subquery async await': 0.4,
  'function funcion fonction funktion funzione funcao method metodo methode variable loop bucle schleife boucle ciclo string strings integer exception excepcion bug class clase klasse lambda iterator query consulta regular expresion expression ausdruck': 0.22,
};

/** A line of a program starts like this, in one language or another. */
const OPENERS = [
  'def ', 'class ', 'import ', 'from ', 'function ', 'const ', 'let ', 'var ', 'return ', 'return;', 'public ', 'private ',
  'static ', 'void ', 'int ', '#include', '#!/', 'package ', 'using ', 'func ', 'fn ', 'impl ', 'struct ', 'SELECT ', 'select ',
  'INSERT ', 'UPDATE ', 'CREATE TABLE', 'CREATE ', 'for (', 'for(', 'while (', 'if (', 'if(', 'else {', '} else', 'try {', '<?php', '<!DOCTYPE',
  '<html', '<div', '@Override', 'async ', 'export ', 'assert ', 'print(', 'console.', 'elif ', '$ ', '>>> ', 'SELECT\n', 'WITH ',
] as const; // prettier-ignore

/** Pairs of marks that prose does not have. */
const PAIRS = new Set([
  '=>',
  '==',
  '!=',
  '->',
  '::',
  '()',
  '&&',
  '||',
  '+=',
  '-=',
  '</',
  '/>',
  '{}',
  '[]',
  ');',
  '};',
  '++',
  '<=',
  '>=',
  '${',
  "')",
  '")',
  '("',
  "('",
]);

/**
 * 1 when the request contains program text or asks for some. From marks that prose lacks (fences,
 * operators, lines that start and end as code does) and from programmers' words in six languages.
 */
export function code(read: (features: Features) => Reading): Signal {
  const words = lexicon(WORDS);
  return {
    name: 'code',
    about: 'contains program text or asks for some',
    evaluate: (features) => {
      const reading = read(features);
      const said = gather(reading.words, words);
      const shown = marks(reading.text);
      const value = either(said.score, shown.score);
      return score(value, `${said.hits} programming words, ${shown.found} marks of code`);
    },
  };
}

function marks(text: string): { readonly score: number; readonly found: number } {
  const fences = text.includes('```') ? 1 : 0;
  const query = /\bSELECT\b[^;]{1,200}\bFROM\b/.test(text) ? 1 : 0;
  const pairs = countPairs(text);
  const { opened, closed } = countLines(text);
  const doubt =
    (1 - 0.9 * fences) *
    (1 - 0.6 * query) *
    0.72 ** Math.min(pairs, 12) *
    0.75 ** Math.min(opened, 8) *
    0.7 ** Math.min(closed, 8);
  return { score: 1 - doubt, found: fences + query + pairs + opened + closed };
}

const unitsOf = unitReader();

function countPairs(text: string): number {
  const units = unitsOf(text);
  let pairs = 0;
  for (let at = 0, last = text.length - 1; at < last; at++) {
    const unit = units[at]!;
    // Letters, digits and spaces, the bulk of any text, are passed over without a string made of them.
    if (unit === 32 || unit > 126 || (unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 57))
      continue;
    if (unit >= 65 && unit <= 90) continue;
    if (PAIRS.has(text.slice(at, at + 2))) pairs++;
  }
  return pairs;
}

/** Lines that begin as statements do, counted only where there are several lines or the line also ends as code. */
function countLines(text: string): { readonly opened: number; readonly closed: number } {
  let opened = 0;
  let closed = 0;
  if (!text.includes('\n') && !/[;{}()=]/.test(text)) return { opened, closed };
  for (const line of text.split('\n')) {
    const bare = line.trim();
    const closes = /[;{}:]$/.test(bare) && /[()={}[\]]/.test(bare);
    if (closes) closed++;
    if (OPENERS.some((opener) => bare.startsWith(opener)) && /[()={}:;*<]/.test(bare)) opened++;
  }
  return { opened, closed };
}
