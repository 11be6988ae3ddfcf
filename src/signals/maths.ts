/** The signal `maths`: something is to be calculated or proved. */
import { score, type Features, type Signal } from '../core/signal.ts';
import { either, gather, lexicon } from './text/evidence.ts';
import type { Reading } from './text/reader.ts';
import { isDigit } from '../lib/ascii.ts';
import { unitAt, unitReader } from '../lib/text-units.ts';

/** What is said where something is to be calculated or proved; each weight is how surely one such word means mathematics. */
const WORDS = {
  'integral integrals integrales derivative derivada derivadas derivee ableitung logarithm logaritmo logarithmus eigenvalue eigenvalues autovalor polynomial polinomio polynome polynom matrix matriz matrice determinant determinante trigonometry trigonometria cosine coseno theorem teorema theoreme satz hypotenuse hipotenusa quadratic cuadratica calculus algebra modulo congruent bijection': 0.6,
  'equation ecuacion equations ecuaciones gleichung equazione equacao probability probabilidad probabilite wahrscheinlichkeit probabilita fraction fraccion fracciones bruch frazione triangle triangulo dreieck perimeter perimetro umfang radius radio circumference vector factorial permutations combinatorics divisible divisor denominator numerator': 0.42,
  'prove demuestra demostrar beweise dimostra demontre solve resuelve resolver lose resoudre risolvi calculate calcula calcular calcule berechne calculer calcola compute simplify simplifica square cuadrado cubic root raiz wurzel radice sum suma summe somme product producto average promedio mean media durchschnitt percent percentage porcentaje prozent': 0.25,
  'cuantos cuantas combien wieviele quanti quantos total each cada twice doble half mitad times remaining remain quedan left per hour hora cost costs cuesta area speed velocidad kilometros miles metres meters': 0.1,
};

/** Signs that stand for operations; text without digits around them rarely has them. */
const SIGNS = '+*/=^<>×÷√∑∫≤≥≠±π∞∂∈∀∃';

/**
 * 1 when something is to be calculated or proved. From formulas (TeX, operators between numbers)
 * and from the words of such tasks in six languages, counted for more where numbers stand beside them.
 */
export function maths(read: (features: Features) => Reading): Signal {
  const words = lexicon(WORDS);
  return {
    name: 'maths',
    about: 'something is to be calculated or proved',
    evaluate: (features) => {
      const reading = read(features);
      const said = gather(reading.words, words);
      const { numbers, operators, tex } = formulas(reading.text);
      // A word problem names quantities; without any number the same words are everyday talk.
      const spoken = numbers >= 2 ? said.score : said.score * (numbers === 1 ? 0.9 : 0.85);
      const written = 1 - 0.6 ** Math.min(operators, 6) * 0.55 ** Math.min(tex, 6);
      const value = either(spoken, written);
      return score(
        value,
        `${said.hits} words, ${numbers} numbers, ${operators + tex} formula marks`,
      );
    },
  };
}

interface Formulas {
  readonly numbers: number;
  /** Operators with a number, a letter or a bracket on both sides, one of the sides a number. */
  readonly operators: number;
  /** TeX commands and `$…$`. */
  readonly tex: number;
}

/** Neither a letter nor a space, nor what only ends a sentence. */
const mayBeSign = (unit: number): boolean => unit > 39 && (unit < 64 || unit === 94 || unit > 150);

const unitsOf = unitReader();

function formulas(text: string): Formulas {
  const units = unitsOf(text);
  let numbers = 0;
  let operators = 0;
  let tex = 0;
  for (let at = 0, end = text.length; at < end; at++) {
    const unit = units[at]!;
    if (isDigit(unit)) {
      if (at === 0 || !isDigit(units[at - 1]!)) numbers++;
    } else if (unit === 92 || unit === 36) {
      if (isTex(text, at)) tex++;
    } else if (mayBeSign(unit) && SIGNS.includes(text.charAt(at)) && isOperator(text, at))
      operators++;
  }
  return { numbers, operators: operators + (PERCENT_OF.test(text) ? 2 : 0), tex };
}

/** "15 % of 80", in six languages. */
const PERCENT_OF = /\d\s?%\s(?:of|de|del|von|di|do|du)\s[$€£]?\d/;

/** `\frac`, `\sqrt` …: a command of two letters or more; or a dollar sign before a letter or a command, which is not a price. */
function isTex(text: string, at: number): boolean {
  const next = unitAt(text, at + 1);
  const letter = (next >= 97 && next <= 122) || next === 92;
  if (unitAt(text, at) === 36) return letter;
  const second = unitAt(text, at + 2);
  return (letter && second >= 97 && second <= 122) || next === 40 || next === 91;
}

/** A slash inside a date or a path, a star in Markdown and an arrow are not operators. */
function isOperator(text: string, at: number): boolean {
  if (unitAt(text, at) > 150) return true;
  // A plus that touches what follows and not what stands before it is a sign: +34.
  if (unitAt(text, at - 1) === 32 && unitAt(text, at + 1) !== 32) return false;
  const before = neighbour(text, at, -1);
  const after = neighbour(text, at, 1);
  if (!isOperand(before) || !isOperand(after)) return false;
  if (text.charAt(at) === '/' && unitAt(text, at - 1) !== 32) return isFraction(text, at);
  return isDigit(before) || isDigit(after);
}

/** `3/4`, but not `12/05/2024` and not `and/or`. */
function isFraction(text: string, at: number): boolean {
  const around = text.slice(Math.max(0, at - 5), at + 6);
  return /(?:^|[^\d/])\d{1,3}\/\d{1,3}(?:$|[^\d/])/.test(around);
}

function neighbour(text: string, at: number, step: 1 | -1): number {
  const near = unitAt(text, at + step);
  return near === 32 ? unitAt(text, at + 2 * step) : near;
}

/** A digit, a letter or a bracket. */
function isOperand(unit: number): boolean {
  return (
    isDigit(unit) ||
    (unit >= 97 && unit <= 122) ||
    (unit >= 65 && unit <= 90) ||
    unit === 40 ||
    unit === 41
  );
}
