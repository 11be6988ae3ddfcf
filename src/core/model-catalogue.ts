/** What is known of models beside what a server says: the port by which a kind of upstream reads `models/`. */

/** How a model that can be downloaded is served in this process. */
export interface ServableModel {
  readonly name: string;
  /** Of its file. Undefined = not known here: the hub is asked for it when the file is fetched. */
  readonly sha256?: string;
  /** The window to serve it with, in tokens: memory grows with it. */
  readonly contextTokens: number;
  /** `auto`: the one in its file. */
  readonly template: 'chatml' | 'chatml-no-think' | 'zephyr' | 'auto';
  /** What is used where the caller says nothing; the maker's recommendation, unless the row says why not. */
  readonly sampling: {
    readonly temperature: number;
    readonly topP: number;
    readonly topK: number;
    /** What divides the scores of the last 64 tokens, against loops; 1 if not given. */
    readonly repeatPenalty?: number;
    /** What the score of the answer's end gains after each sentence, in nats, against rambling; 0 if not given. */
    readonly endBias?: number;
  };
  /** The system message of a conversation that has none. */
  readonly systemLine?: string;
  /** Of an answer whose caller sets no limit, in tokens, where the usual one would let it ramble. */
  readonly maxOutputTokens?: number;
}

/** A published model, whoever serves it. */
export interface PublishedModel {
  /** The longest window it was trained for, in tokens. */
  readonly trainedContextTokens: number;
  /** Its chat template, where its file does not bring one. */
  readonly missingTemplate?: string;
  /** Whether it can chat. A base model only continues text. */
  readonly chats: boolean;
}

export interface ModelCatalogue {
  /** The model behind a name, a repository, a tag or a file; undefined for one that is not known. */
  find(model: string): PublishedModel | undefined;
  /** @throws GatewayError where no model of this name can be downloaded */
  servable(name: string): ServableModel;
  /** The path of its verified file, downloaded first where it is not here. Rejects with GatewayError. */
  file(name: string): Promise<string>;
  /** What `import()` takes to load the embedded engine, installed first where it is not here. Rejects with GatewayError. */
  engine(): Promise<string>;
}
