// Stands for Intl.Segmenter in the bundle. Five packages make one each when they are loaded, which reads ICU's rules (5 to 15 ms), and split every
// row of every frame with it; a row of Latin letters and frames is split without.

type Given = ConstructorParameters<typeof Intl.Segmenter>;

/** Characters that are a cluster each, whatever stands beside them: printable ASCII, the escape that begins a colour, box drawing. */
const single = /^[\u0020-\u007E\u001B\u2500-\u257F]*$/;

/** What Intl.Segmenter gives, made when something is first split that needs it. */
export class LateSegmenter {
  readonly #given: Given;
  #made: Intl.Segmenter | undefined;

  constructor(...given: Given) {
    this.#given = given;
  }

  segment(text: string): Pick<Intl.Segments, 'containing' | typeof Symbol.iterator> {
    if (single.test(text)) return singles(text);
    // Not written `Intl.Segmenter`, which this class stands for.
    this.#made ??= new globalThis.Intl['Segmenter'](...this.#given);
    return this.#made.segment(text);
  }
}

function singles(text: string): ReturnType<LateSegmenter['segment']> {
  const at = (index: number): Intl.SegmentData => ({segment: text.charAt(index), index, input: text});
  return {
    containing: (index = 0) => (index >= 0 && index < text.length ? at(index) : undefined),
    *[Symbol.iterator]() {
      for (let index = 0; index < text.length; index++) yield at(index);
      return undefined;
    },
  } as ReturnType<LateSegmenter['segment']>;
}
