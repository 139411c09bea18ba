import { modelFor } from '#lib/provider';
import { findModel, type Model } from '#lib/provider/models.ts';

/** The models of a day, by what each is there for. */
export const STRONG = modelFor('strong');
export const SMALL = modelFor('small');
export const EMBEDDING = modelFor('embedder');
export const DIMENSIONS = 256;

/** From the cheapest to the ablest. */
export const LADDER = [SMALL, STRONG] as const;

/** A difficulty by how far it lies below what the small model is able to. */
export function belowSmall(points: number): number {
  return (findModel(SMALL) as Model).skill - points;
}
