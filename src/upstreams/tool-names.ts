/** Gives a cloud names of tools that it takes, and the caller its own back. */
import type { Call } from '../core/call.ts';
import { foundOf } from '../core/large-body.ts';
import type { Answer, Upstream } from '../core/upstream.ts';
import { callWith } from '../wire/call-with.ts';
import { dataEvent, mapEvents, namedEvent } from '../wire/events.ts';
import { fittedNames, type FittedNames } from '../wire/tool-names.ts';
import { TOOL_NAMES } from './dialects.ts';

/** The same upstream; calls of `/v1/messages` and what is carried go on as they came, whose callers know the limits of that API. */
export function toolNamesFitted(inner: Upstream): Upstream {
  return {
    name: inner.name,
    kind: inner.kind,
    locality: inner.locality,
    ...(inner.masks === true ? { masks: true } : {}),
    facts: () => inner.facts(),
    send: (request, abort) => {
      const { call } = request;
      const names = mayNeed(call) ? fittedNames(call.body) : undefined;
      if (names === undefined) return inner.send(request, abort);
      const sent = inner.send({ ...request, call: callWith(call, names.changes) }, abort);
      return sent.then((answer) => turnedBack(answer, call, names));
    },
    probe: (abort) => inner.probe(abort),
    close: () => inner.close(),
  };
}

/** A large body was looked through where it was read. */
function mayNeed(call: Call): boolean {
  if (call.operation !== 'chat' && call.operation !== 'responses') return false;
  return foundOf(call)?.rewrites.has(TOOL_NAMES) !== false;
}

function turnedBack(answer: Answer, { operation }: Call, { turnBack }: FittedNames): Answer {
  switch (answer.kind) {
    case 'whole': {
      const body = turnBack(answer.body);
      return body === answer.body
        ? answer
        : { ...answer, body, bytes: Buffer.from(JSON.stringify(body)) };
    }
    case 'stream': {
      const written = operation === 'responses' ? namedEvent : dataEvent;
      const push: Parameters<typeof mapEvents>[1]['push'] = (event) => {
        if (event.text !== undefined || event.data === undefined) return event;
        const data = turnBack(event.data);
        return data === event.data ? event : written(data);
      };
      return { ...answer, events: mapEvents(answer.events, { push }) };
    }
    case 'raw':
      return answer;
  }
}
