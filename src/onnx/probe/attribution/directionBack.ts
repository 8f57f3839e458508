/**
 * A direction in the residual stream at one place of a text, led back from the logits: how much the logit grows with each feature, norms'
 * deviations held as they are in this run. What constants add on the way is collected.
 */
import type { GraphView } from '../../anatomy/graphView';
import type { LinearStep } from '../../anatomy/linearWay';
import type { Norm } from '../../anatomy/norms';
import type { SideGraph } from '../../fused/sideGraph';
import { reciprocalDeviation, throughHeldNorm } from '../heldNorm';
import { placeRow } from './attributionInputs';

export class DirectionBack {
  #constants: string[] = [];

  /** @param direction [1, M]: that in which the logits are read */
  constructor(
    private readonly g: SideGraph,
    private readonly view: GraphView,
    public direction: string,
  ) {}

  /** The features of a tensor at the place, [1, M]. @param rank of the tensor, where it is none of the graph's own */
  row(tensor: string, rank?: number): string {
    return placeRow(this.g, this.view, tensor, rank);
  }

  /** ⟨vector, direction⟩ as [1]; a vector of [M], [1, M], or one number for all features. */
  dot(vector: string, direction = this.direction): string {
    const { g } = this;
    return g.reshape(g.add('ReduceSum', [g.add('Mul', [vector, direction])], { keepdims: 0 }), 1);
  }

  /** Counts a constant that is added where the direction is now; '' is none. */
  constant(bias: string, direction = this.direction): void {
    if (bias !== '') this.#constants.push(this.dot(this.g.toFloat(bias), direction));
  }

  /** What constants have added since this was asked last, as [1]. */
  takeConstants(): string {
    const all = this.#constants;
    this.#constants = [];
    if (all.length === 0) return this.g.reshape(this.g.float(0), 1);
    return all.reduce((sum, one) => this.g.add('Add', [sum, one]));
  }

  /** Leads the direction itself back through a norm. */
  throughNorm(norm: Norm): void {
    this.direction = this.#beforeNorm(norm, this.direction);
  }

  /** A direction led back along a way, from its end to its start; the stream's own stays as it is. */
  along(way: readonly LinearStep[], direction = this.direction): string {
    return way.reduceRight((after, step) => {
      switch (step.does) {
        case 'norm':
          return this.#beforeNorm(step.norm, after);
        case 'add':
          this.constant(step.bias, after);
          return after;
        case 'scale':
          return this.g.add(step.divides ? 'Div' : 'Mul', [after, this.g.toFloat(step.by)]);
      }
    }, direction);
  }

  #beforeNorm(norm: Norm, after: string): string {
    const { g, view } = this;
    this.constant(norm.bias, after);
    const [first = '', second = '', bias = ''] = norm.addends;
    // A fused operator adds up what it normalises, and a vector that is the same everywhere.
    const added = (): string => {
      const sum = g.add('Add', [this.row(first), this.row(second)]);
      return bias === '' ? sum : g.add('Add', [sum, g.toFloat(bias)]);
    };
    const input = norm.input === '' ? added() : this.row(norm.input);
    const scale = reciprocalDeviation(g, input, norm, view.opset);
    return g.add('Mul', [throughHeldNorm(g, norm, view.opset, after), scale]);
  }
}
