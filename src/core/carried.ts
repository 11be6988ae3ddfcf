/** A route below `/v1` that is carried to the cloud, and how it has to do with objects that the cloud keeps. */
export interface CarriedRoute {
  readonly method: string;
  /** Below `/v1`: `/files/{file}/content`. A named place holds an id whose owner is asked for; `{}` any text. */
  readonly path: string;
  /** Its answer is an object: what it tells of belongs to who asked. */
  readonly makes?: boolean;
  /** Its answer is a list in `data`, of which a caller sees its own. */
  readonly lists?: boolean;
  /** Further members of its body that hold ids. */
  readonly ids?: readonly string[];
}
