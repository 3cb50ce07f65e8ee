// The numeric part: dense layers with hand-written gradients, log-softmax, and Adam. Plain loops over typed arrays.

import type { Rng } from "./rng";

/** A named block of weights and its gradient. */
export class Parameter {
  readonly value: Float32Array;
  readonly grad: Float32Array;

  constructor(
    readonly name: string,
    readonly size: number,
  ) {
    this.value = new Float32Array(size);
    this.grad = new Float32Array(size);
  }

  fillNormal(rng: Rng, standardDeviation: number): this {
    for (let i = 0; i < this.size; i++) this.value[i] = rng.normal() * standardDeviation;
    return this;
  }
}

/** y = x W + b, with W of shape [inputs, outputs]. */
export class Dense {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(
    name: string,
    readonly inputs: number,
    readonly outputs: number,
    rng: Rng,
    gain: number,
  ) {
    this.weight = new Parameter(`${name}.weight`, inputs * outputs).fillNormal(rng, gain / Math.sqrt(inputs));
    this.bias = new Parameter(`${name}.bias`, outputs);
  }

  get parameters(): Parameter[] {
    return [this.weight, this.bias];
  }

  /** x [inputs] → a new y [outputs]. Zeros in x cost nothing, and screens are mostly zeros. */
  forward(x: Float32Array): Float32Array {
    const { outputs } = this;
    const weight = this.weight.value;
    const y = Float32Array.from(this.bias.value);
    for (let i = 0; i < this.inputs; i++) {
      const xi = x[i]!;
      if (xi === 0) continue;
      const row = i * outputs;
      for (let j = 0; j < outputs; j++) y[j]! += xi * weight[row + j]!;
    }
    return y;
  }

  /** Adds to the gradients of W and b, and to dx [inputs] where one is given. */
  backward(x: Float32Array, dy: Float32Array, dx?: Float32Array): void {
    const { outputs } = this;
    const weight = this.weight.value;
    const gradWeight = this.weight.grad;
    const gradBias = this.bias.grad;
    for (let j = 0; j < outputs; j++) gradBias[j]! += dy[j]!;
    for (let i = 0; i < this.inputs; i++) {
      const xi = x[i]!;
      const row = i * outputs;
      if (xi !== 0) for (let j = 0; j < outputs; j++) gradWeight[row + j]! += xi * dy[j]!;
      if (dx) {
        let sum = 0;
        for (let j = 0; j < outputs; j++) sum += weight[row + j]! * dy[j]!;
        dx[i]! += sum;
      }
    }
  }
}

/** max(0, x), in place. */
export function relu(x: Float32Array): Float32Array {
  for (let i = 0; i < x.length; i++) if (x[i]! < 0) x[i] = 0;
  return x;
}

/** Stops the gradient dx where the activation was cut off, in place. */
export function reluBackward(activation: Float32Array, dx: Float32Array): Float32Array {
  for (let i = 0; i < dx.length; i++) if (activation[i]! <= 0) dx[i] = 0;
  return dx;
}

/** Natural-log probabilities of softmax(logits / temperature). */
export function logSoftmax(logits: Float32Array, temperature = 1): Float32Array {
  let max = -Infinity;
  for (let i = 0; i < logits.length; i++) max = Math.max(max, logits[i]!);
  const out = new Float32Array(logits.length);
  let sum = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = (logits[i]! - max) / temperature;
    sum += Math.exp(out[i]!);
  }
  const logSum = Math.log(sum);
  for (let i = 0; i < out.length; i++) out[i]! -= logSum;
  return out;
}

/** Entropy in nats of a distribution given as log probabilities. */
export function entropy(logProbs: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < logProbs.length; i++) sum -= Math.exp(logProbs[i]!) * logProbs[i]!;
  return sum;
}

/** An index drawn from a distribution given as log probabilities. */
export function sampleIndex(logProbs: Float32Array, rng: Rng): number {
  let left = rng.uniform();
  for (let i = 0; i < logProbs.length; i++) {
    left -= Math.exp(logProbs[i]!);
    if (left < 0) return i;
  }
  return logProbs.length - 1;
}

export function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/** Adam with global gradient-norm clipping. */
export class Adam {
  private updates = 0;
  /** Each parameter with the running means of its gradient and of the gradient's square. */
  private readonly tracked: readonly { parameter: Parameter; mean: Float32Array; meanSquare: Float32Array }[];

  constructor(parameters: readonly Parameter[]) {
    this.tracked = parameters.map((parameter) => ({
      parameter,
      mean: new Float32Array(parameter.size),
      meanSquare: new Float32Array(parameter.size),
    }));
  }

  /** Applies and clears the gradients; returns their global norm before clipping. */
  update(learningRate: number, maxGradNorm: number): number {
    let squares = 0;
    for (const { parameter } of this.tracked) {
      const { grad } = parameter;
      for (let i = 0; i < grad.length; i++) squares += grad[i]! * grad[i]!;
    }
    const norm = Math.sqrt(squares);
    const clip = norm > maxGradNorm ? maxGradNorm / norm : 1;
    this.updates += 1;
    const meanScale = 1 / (1 - 0.9 ** this.updates);
    const squareScale = 1 / (1 - 0.999 ** this.updates);
    for (const { parameter, mean, meanSquare } of this.tracked) {
      const { value, grad } = parameter;
      for (let i = 0; i < value.length; i++) {
        const g = grad[i]! * clip;
        const m = (mean[i] = 0.9 * mean[i]! + 0.1 * g);
        const s = (meanSquare[i] = 0.999 * meanSquare[i]! + 0.001 * g * g);
        value[i]! -= (learningRate * m * meanScale) / (Math.sqrt(s * squareScale) + 1e-8);
        grad[i] = 0;
      }
    }
    return norm;
  }
}
