/** `GET /v1/models` and `GET /v1/models/{id}`: ids may hold `/` and `:`, and arrive percent-encoded. */
import type { Caller } from '../../core/call.ts';
import type { ListedModel } from '../../core/upstream.ts';
import { GatewayError } from '../../core/errors.ts';
import { isAmong } from '../../engine/resolve-model.ts';
import { callerOf } from '../callers/auth.ts';
import { refuseBadEscape } from '../canonical-url.ts';
import type { Handler, HttpParts } from '../parts.ts';
import { speaksMessages } from '../answer/send.ts';

export function listModels(parts: HttpParts): Handler {
  return async (context) => {
    const caller = await callerOf(context.env.incoming, parts.stateDeadline(), parts);
    const models = modelsOf(caller, parts);
    if (!speaksMessages(context.env.incoming)) {
      return context.json({ object: 'list', data: models.map((model) => shown(model, parts)) });
    }
    return context.json({
      data: models.map((model) => shownAsAnthropics(model, parts)),
      has_more: false,
      first_id: models[0]?.id ?? null,
      last_id: models.at(-1)?.id ?? null,
    });
  };
}

export function getModel(parts: HttpParts): Handler {
  return async (context) => {
    const caller = await callerOf(context.env.incoming, parts.stateDeadline(), parts);
    refuseBadEscape(context.env.incoming.url ?? '');
    const id = decodeURIComponent(new URL(context.req.url).pathname.slice('/v1/models/'.length));
    const model = modelsOf(caller, parts).find((listed) => listed.id === id);
    if (model === undefined) {
      throw new GatewayError(
        'caller_unknown_model',
        `The model '${id.slice(0, 80)}' does not exist here. GET /v1/models lists those that do.`,
        {
          param: 'model',
          wireCode: 'model_not_found',
        },
      );
    }
    const show = speaksMessages(context.env.incoming) ? shownAsAnthropics : shown;
    return context.json(show(model, parts));
  };
}

/** Those that the key may ask for. */
function modelsOf({ only }: Caller, { models }: HttpParts): readonly ListedModel[] {
  const names = only?.models;
  return names === undefined ? models() : models().filter(({ id }) => isAmong(id, names));
}

const shown = ({ id, ownedBy }: ListedModel, { startedAtMs }: HttpParts): object => ({
  id,
  object: 'model',
  created: Math.floor(startedAtMs / 1000),
  owned_by: ownedBy,
});

/** For clients of Anthropic's API. */
const shownAsAnthropics = ({ id }: ListedModel, { startedAtMs }: HttpParts): object => ({
  type: 'model',
  id,
  display_name: id,
  created_at: new Date(startedAtMs).toISOString(),
});
