// The policy: pixels → two hidden layers → three categorical slots, chosen one after the other.
//
//   form   what kind of text to write (a good action, or one of the broken forms a base model falls into)
//   x      horizontal bin of a click, given the screen
//   y      vertical bin of a click, given the screen and the x bin
//
// A choice's log-probability is the sum over its slots, as it is over the tokens of a language model.

import { FORMS, hasCoordinates } from "./forms";
import type { Target } from "./episode";
import { argmax, Dense, logSoftmax, Parameter, relu, reluBackward, sampleIndex } from "./nn";
import type { Rng } from "./rng";
import { INPUT_SIZE } from "./screen";

export interface PolicyShape {
  /** Width of both hidden layers. */
  readonly hidden: number;
  /** Bins over 0 … 1 for each coordinate. */
  readonly xBins: number;
  readonly yBins: number;
}

/** What was chosen: an index into FORMS, and bins where the form has coordinates (else -1). */
export interface Choice {
  readonly form: number;
  readonly xBin: number;
  readonly yBin: number;
}

/** Everything one forward pass leaves behind for choosing and for the gradient. */
export interface Activations {
  readonly input: Float32Array; // [INPUT_SIZE], centred
  readonly hidden1: Float32Array; // [hidden]
  readonly hidden2: Float32Array; // [hidden]
  readonly form: Float32Array; // logits [forms]
  readonly x: Float32Array; // logits [xBins]
  readonly y: Float32Array; // logits [yBins] before the x bin is known
}

/** Gradients of a loss with respect to the logits of one screen, summed over all its choices. */
export interface LogitGradients {
  readonly form: Float32Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** One slot of a choice: its distribution's logits, and the index that was chosen. */
export interface Slot {
  readonly name: "form" | "x" | "y";
  readonly logits: Float32Array;
  readonly chosen: number;
}

export class LoginPolicy {
  /** The mean training screen, taken off every input. Shape [INPUT_SIZE]. */
  readonly meanScreen = new Parameter("mean_screen", INPUT_SIZE);
  private readonly layer1: Dense;
  private readonly layer2: Dense;
  private readonly formHead: Dense;
  private readonly xHead: Dense;
  private readonly yHead: Dense;
  /** What a chosen x bin adds to the y logits. Shape [xBins, yBins]. */
  private readonly yGivenX: Parameter;

  constructor(
    readonly shape: PolicyShape,
    rng: Rng,
  ) {
    const { hidden, xBins, yBins } = shape;
    this.layer1 = new Dense("layer1", INPUT_SIZE, hidden, rng, 3);
    this.layer2 = new Dense("layer2", hidden, hidden, rng, 1.4);
    this.formHead = new Dense("form_head", hidden, FORMS.length, rng, 1);
    this.xHead = new Dense("x_head", hidden, xBins, rng, 1);
    this.yHead = new Dense("y_head", hidden, yBins, rng, 1);
    this.yGivenX = new Parameter("y_given_x", xBins * yBins);
  }

  /** What training changes. */
  get trainable(): Parameter[] {
    const layers = [this.layer1, this.layer2, this.formHead, this.xHead, this.yHead];
    return [...layers.flatMap((layer) => layer.parameters), this.yGivenX];
  }

  /** What a checkpoint holds, in file order. */
  get saved(): Parameter[] {
    return [this.meanScreen, ...this.trainable];
  }

  /** A copy with the same weights, such as the frozen reference of the KL penalty. */
  clone(rng: Rng): LoginPolicy {
    const copy = new LoginPolicy(this.shape, rng);
    copy.saved.forEach((parameter, i) => parameter.value.set(this.saved[i]?.value ?? []));
    return copy;
  }

  /** screen [INPUT_SIZE] → activations. */
  forward(screen: Float32Array): Activations {
    const mean = this.meanScreen.value;
    const input = new Float32Array(INPUT_SIZE);
    for (let i = 0; i < INPUT_SIZE; i++) {
      const difference = screen[i]! - mean[i]!;
      // Below one grey level nothing was drawn there; exact zeros let the first layer skip the pixel.
      if (Math.abs(difference) > 0.004) input[i] = difference;
    }
    const hidden1 = relu(this.layer1.forward(input));
    const hidden2 = relu(this.layer2.forward(hidden1));
    return {
      input,
      hidden1,
      hidden2,
      form: this.formHead.forward(hidden2),
      x: this.xHead.forward(hidden2),
      y: this.yHead.forward(hidden2),
    };
  }

  /** Logits of the y slot once the x bin is known. */
  private yLogits(activations: Activations, xBin: number): Float32Array {
    const { yBins } = this.shape;
    const logits = Float32Array.from(activations.y);
    for (let j = 0; j < yBins; j++) logits[j]! += this.yGivenX.value[xBin * yBins + j]!;
    return logits;
  }

  /** Draws a choice; temperature 0 takes the most likely one. */
  choose(activations: Activations, temperature: number, rng: Rng): Choice {
    const draw = (logits: Float32Array): number =>
      temperature === 0 ? argmax(logits) : sampleIndex(logSoftmax(logits, temperature), rng);
    const form = draw(activations.form);
    if (!hasCoordinates(form)) return { form, xBin: -1, yBin: -1 };
    const xBin = draw(activations.x);
    return { form, xBin, yBin: draw(this.yLogits(activations, xBin)) };
  }

  /** The slots a choice is made of, in the order they were chosen. */
  slots(activations: Activations, choice: Choice): Slot[] {
    const slots: Slot[] = [{ name: "form", logits: activations.form, chosen: choice.form }];
    if (choice.xBin < 0) return slots;
    slots.push({ name: "x", logits: activations.x, chosen: choice.xBin });
    slots.push({ name: "y", logits: this.yLogits(activations, choice.xBin), chosen: choice.yBin });
    return slots;
  }

  newGradients(): LogitGradients {
    const { xBins, yBins } = this.shape;
    return { form: new Float32Array(FORMS.length), x: new Float32Array(xBins), y: new Float32Array(yBins) };
  }

  /** Adds scale · d(log p)/d(logits) of one slot: scale · (one-hot − p) / temperature. */
  addLogProbGradient(into: LogitGradients, choice: Choice, slot: Slot, logProbs: Float32Array, scale: number): void {
    const gradients = into[slot.name];
    const given = this.yGivenX.grad;
    const row = choice.xBin * this.shape.yBins;
    for (let i = 0; i < logProbs.length; i++) {
      const g = scale * ((i === slot.chosen ? 1 : 0) - Math.exp(logProbs[i]!));
      gradients[i]! += g;
      if (slot.name === "y") given[row + i]! += g;
    }
  }

  /** Carries the logit gradients of one screen into the weights' gradients. */
  backward(activations: Activations, gradients: LogitGradients): void {
    const dHidden2 = new Float32Array(this.shape.hidden);
    this.formHead.backward(activations.hidden2, gradients.form, dHidden2);
    this.xHead.backward(activations.hidden2, gradients.x, dHidden2);
    this.yHead.backward(activations.hidden2, gradients.y, dHidden2);
    const dHidden1 = new Float32Array(this.shape.hidden);
    this.layer2.backward(activations.hidden1, reluBackward(activations.hidden2, dHidden2), dHidden1);
    this.layer1.backward(activations.input, reluBackward(activations.hidden1, dHidden1));
  }

  /** The coordinates in 0 … 1 a choice stands for: the middle of its bins. */
  coordinates(choice: Choice): { x: number; y: number } {
    return { x: (choice.xBin + 0.5) / this.shape.xBins, y: (choice.yBin + 0.5) / this.shape.yBins };
  }

  /** The choice that writes an expected action; `form` names it in FORMS. */
  choiceFor(form: number, target: Target): Choice {
    const bin = (value: number | null, bins: number): number =>
      value === null ? -1 : Math.min(bins - 1, Math.floor(value * bins));
    return { form, xBin: bin(target.x, this.shape.xBins), yBin: bin(target.y, this.shape.yBins) };
  }
}
