/** Conditions in CEL (Common Expression Language): checked when a policy is loaded, evaluated for every request. */
import { Environment, type ParseResult } from '@marcbachmann/cel-js';
import type { Condition, Situation } from '../core/policy.ts';
import { explainCelError, typeWords, type Mistake } from './condition-errors.ts';
import { comparedTextMistake, type ValuesOf } from './compared-texts.ts';
import { costMistake } from './cost.ts';
import { plainTruth, type PlainTruth } from './plain-condition.ts';
import { scopeMistake } from './scope.ts';
import { declareContext, factAt, factTree } from './cel-context.ts';
import { vocabulary, type ConfiguredNames } from './vocabulary.ts';

type Compiled =
  | { readonly ok: true; readonly condition: Condition }
  | { readonly ok: false; readonly mistake: Mistake };

/** `only`: the top-level names that may be used, if not all. */
export type Compile = (source: string, only?: readonly string[]) => Compiled;

/** What conditions may name, and the values that `domain` can have. */
export interface Nameable extends ConfiguredNames {
  readonly domains: readonly string[];
}

/** Building the environment is expensive: keep the result. */
export function conditions(known: Nameable): Compile {
  const tree = factTree(vocabulary(known));
  const environment = new Environment();
  const Context = declareContext(environment, tree);
  allowMixedNumbers(environment);
  const functions = environment.getDefinitions().functions.map(({ name }) => name);

  const topLevel = new Set(tree.keys());
  const valuesOf: ValuesOf = (path) =>
    path[0] === 'domain' ? ['', ...known.domains] : factAt(tree, path)?.values;

  return (source, only) => {
    try {
      const program = environment.parse(source);
      const { valid, error, type } = program.check();
      if (!valid)
        return { ok: false, mistake: explainCelError(error, source, { tree, functions }) };
      if (type !== 'bool') return { ok: false, mistake: notTruth(type) };
      const mistake =
        costMistake(program.ast) ??
        comparedTextMistake(program.ast, valuesOf) ??
        (only && scopeMistake(program.ast, topLevel, only));
      if (mistake !== undefined) return { ok: false, mistake };
      const plain = plainTruth(program.ast, tree);
      return { ok: true, condition: conditionOf(source, program, { Context, plain }) };
    } catch (error) {
      return { ok: false, mistake: explainCelError(error, source, { tree, functions }) };
    }
  };
}

function conditionOf(
  source: string,
  program: ParseResult,
  {
    Context,
    plain = () => undefined,
  }: {
    readonly Context: new (situation: Situation) => object;
    readonly plain: PlainTruth | undefined;
  },
): Condition {
  return {
    source,
    holds(situation) {
      const known = plain(situation);
      if (known !== undefined) return known;
      const result: unknown = program(new Context(situation));
      if (typeof result === 'boolean') return result;
      throw new TypeError(`the condition \`${source}\` is neither true nor false here`);
    },
  };
}

function notTruth(type = 'nothing'): Mistake {
  const [is, example] = type === 'string' ? ['a text', '… == "en"'] : [typeWords(type), '… >= 0.5'];
  const message = `a condition must be true or false, and this is ${is}: compare it, as in \`${example}\``;
  return { offset: 0, message };
}

/**
 * Facts are doubles, but literals may be `2` or `0.5`. CEL orders integers and doubles; equality,
 * membership and arithmetic between them are added here.
 */
function allowMixedNumbers(environment: Environment): void {
  type Mixed = (left: number | bigint, right: number | bigint) => unknown;
  const arithmetic: Readonly<Record<string, Mixed>> = {
    '+': (left, right) => Number(left) + Number(right),
    '-': (left, right) => Number(left) - Number(right),
    '*': (left, right) => Number(left) * Number(right),
    '/': (left, right) => Number(left) / Number(right),
    '%': (left, right) => Number(left) % Number(right),
  };
  for (const [operator, handler] of Object.entries(arithmetic)) {
    environment.registerOperator(`int ${operator} double: double`, handler);
    environment.registerOperator(`double ${operator} int: double`, handler);
  }
  environment.registerOperator('double % double', (left: number, right: number) => left % right);
  environment.registerOperator('int == double', (l: bigint, r: number) => Number(l) === r);
  environment.registerOperator('double in list<int>', includes);
  environment.registerOperator('int in list<double>', includes);
}

function includes(value: number | bigint, list: Iterable<number | bigint>): boolean {
  for (const each of list) if (Number(each) === Number(value)) return true;
  return false;
}
