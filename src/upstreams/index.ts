/** Every kind of upstream: to add one, its folder and a line here. */
import type { UpstreamKind } from '../core/upstream-kind.ts';
import { anthropicKind } from './anthropic/index.ts';
import { llamaCppKind } from './llama-cpp/index.ts';
import { openaiKind } from './openai/index.ts';

export const upstreamKinds: readonly UpstreamKind[] = [openaiKind, llamaCppKind, anthropicKind];
