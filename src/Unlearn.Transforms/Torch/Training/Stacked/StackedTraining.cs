using TorchSharp;
using Unlearn.Transforms.Torch.Training.Steps;

namespace Unlearn.Transforms.Torch.Training.Stacked;

/// <summary>
/// Trains several models by one recipe at once: the same initialization, order and steps as one by one, so that the parameters differ only by rounding.
/// A model with fewer steps than others stays as it is after its last.
/// </summary>
internal static class StackedTraining
{
    /// <param name="settings">The recipe's settings.</param>
    /// <param name="targets">Targets to go on training, in place; they share an architecture that can be stacked.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="trainings">Of each target, the rows to train on and the seed of its order.</param>
    /// <param name="places">Number of row places per model in a step. At least the size of the largest batch, which is the default.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <returns>Of each target, how it diverged; <see langword="null"/> for all that did not.</returns>
    public static TrainingDivergedException?[] Run(
        StepSettings settings,
        IReadOnlyList<TorchTarget> targets,
        TrainingRows rows,
        IReadOnlyList<TrainingSpec> trainings,
        int? places,
        CancellationToken cancellationToken) =>
        Run(settings, targets, rows, [.. trainings.Select(training => new ModelBatches(settings, training))], places, cancellationToken);

    /// <summary>The same with batches of any order.</summary>
    public static TrainingDivergedException?[] Run(
        StepSettings settings, IReadOnlyList<TorchTarget> targets, TrainingRows rows, ModelBatches[] batches, int? places, CancellationToken cancellationToken)
    {
        using var scope = torch.NewDisposeScope();
        using var module = StackedModule.Create([.. targets.Select(target => target.Module)], targets[0].Architecture.InputShape);
        using var stepper = new StackedSteps(settings, module, rows);
        var diverged = new TrainingDivergedException?[targets.Count];
        var width = places ?? batches.Max(of => of.Largest);
        var index = new long[targets.Count * width];
        var weights = new float[index.Length];
        var rates = new float[targets.Count];
        var losses = new float[targets.Count];
        var steps = batches.Max(of => of.Count);
        for (var step = 0; step < steps && diverged.Contains(null); step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var model = 0; model < batches.Length; model++)
            {
                var isDone = step >= batches[model].Count;
                rates[model] = isDone ? 0 : (float)settings.LearningRateAt(step, batches[model].Count);
                var own = (model * width)..((model + 1) * width);
                if (!isDone)
                    batches[model].WriteNext(index.AsSpan(own), weights.AsSpan(own));
            }
            var ofStep = stepper.Step(index, weights, rates);
            for (var model = 0; model < batches.Length; model++)
            {
                losses[model] += ofStep[model];
                if (step >= batches[model].Count || batches[model].EndedEpoch is not { } epoch)
                    continue;
                if (!float.IsFinite(losses[model]))
                    diverged[model] ??= TrainingDivergedException.AtEpoch(epoch, losses[model]);
                losses[model] = 0;
            }
        }
        var isFinite = module.AreFinite();
        for (var model = 0; model < targets.Count; model++)
        {
            module.CopyTo(model, targets[model].Module);
            if (!isFinite[model])
                diverged[model] ??= TrainingDivergedException.NotFinite(FiniteState.FindOffender(targets[model].Module)!);
        }
        return diverged;
    }
}
