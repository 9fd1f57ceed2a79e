using System.Globalization;
using TorchSharp;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.References;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Transforms;

/// <summary>
/// Predictions for each row from models trained on random subsets of the rows: some models saw the row, others did not. Only the confidences are kept,
/// not the models. Factors of tier T3 use them. Trials never use these models, and their seeds and subsets are derived separately.
/// </summary>
public sealed class ReferenceModels
{
    /// <summary>Smallest number of models that must be trained with a row, and of models that must be trained without it.</summary>
    internal const int FewestModels = 2;

    /// <summary>Uses the predictions of models that were trained elsewhere.</summary>
    /// <param name="rowIds">Ids of the rows, without repetition.</param>
    /// <param name="labels">y: labels of the rows, from 0.</param>
    /// <param name="members">For each model, whether each row was in its training rows.</param>
    /// <param name="logitConfidences">For each model, log(p_y / (1 − p_y)) of each row; finite.</param>
    /// <exception cref="ArgumentException">The sizes differ, a value is not finite, or a row is in or out of fewer than 2 models.</exception>
    public ReferenceModels(IReadOnlyList<string> rowIds, IReadOnlyList<int> labels, IReadOnlyList<bool[]> members, IReadOnlyList<float[]> logitConfidences)
    {
        ArgumentNullException.ThrowIfNull(rowIds);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(logitConfidences);
        if (labels.Count != rowIds.Count)
            throw new ArgumentException($"There are {labels.Count} labels of {rowIds.Count} rows.", nameof(labels));
        if (logitConfidences.Count != members.Count)
            throw new ArgumentException($"There are confidences of {logitConfidences.Count} models, but members of {members.Count}.", nameof(logitConfidences));
        for (var model = 0; model < members.Count; model++)
        {
            if (members[model].Length != rowIds.Count || logitConfidences[model].Length != rowIds.Count)
                throw new ArgumentException($"Model {model} has {members[model].Length} memberships and {logitConfidences[model].Length} confidences of "
                    + $"{rowIds.Count} rows.", nameof(members));
            if (Array.FindIndex(logitConfidences[model], value => !float.IsFinite(value)) is >= 0 and var bad)
                throw new ArgumentException($"Model {model} has the confidence {logitConfidences[model][bad].ToString(CultureInfo.InvariantCulture)} for row "
                    + $"'{rowIds[bad]}': it must be finite.", nameof(logitConfidences));
        }
        for (var row = 0; row < rowIds.Count; row++)
            if (members.Count(model => model[row]) is var models && (models < FewestModels || members.Count - models < FewestModels))
                throw new ArgumentException(
                    $"Row '{rowIds[row]}' is in {models} models and out of {members.Count - models}, but needs {FewestModels} of each.", nameof(members));
        RowIds = rowIds;
        Labels = labels;
        Members = members;
        LogitConfidences = logitConfidences;
    }

    /// <summary>Ids of the rows.</summary>
    public IReadOnlyList<string> RowIds { get; }

    /// <summary>y: labels of the rows, from 0.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>Names of the classes that the labels number, if they are known; see <see cref="ITarget.ClassNames"/>.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>For each model, whether each row was in its training rows.</summary>
    public IReadOnlyList<bool[]> Members { get; }

    /// <summary>
    /// For each model, log(p_y / (1 − p_y)) of each row, whether it was in or out; in [−100, 100] if they were trained by <see cref="Train"/>.
    /// </summary>
    public IReadOnlyList<float[]> LogitConfidences { get; }

    /// <summary>
    /// Trains reference models on random subsets of the rows and keeps their predictions for all rows. Each row is in the subsets of a
    /// <paramref name="share"/> of the models. The same arguments give the same result, for any number of workers.
    /// </summary>
    /// <param name="recipe">The recipe that the target was trained by.</param>
    /// <param name="rows">The rows that the target was trained on.</param>
    /// <param name="seed">Root seed of subsets and trainings. It may equal the seed of the trials.</param>
    /// <param name="count">Number of models, at least 4. Each costs about <paramref name="share"/> of the target's training.</param>
    /// <param name="share">Share of the models that each row is in, in (0, 1); rounded to whole models.</param>
    /// <param name="workers">Models that are trained at once, from 1; by default one for each core.</param>
    /// <param name="progress">
    /// Gets the number of finished models after every model, on the workers' threads, one report at a time; may be <see langword="null"/>.
    /// </param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="ArgumentException">A row would be in or out of fewer than 2 models, or the rows do not fit the recipe.</exception>
    /// <exception cref="TrainingDivergedException">The loss of a model became NaN or infinite.</exception>
    public static ReferenceModels Train(
        ITrainingRecipe recipe, TrainingRows rows, long seed, int count = 10, double share = 0.5, int? workers = null, IProgress<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(workers ?? 1, 1, nameof(workers));
        var design = new ReferenceDesign(rows.Count, count, share, seed);
        var confidences = new float[count][];
        var gate = new Lock();
        var finished = 0;
        var stacks = Enumerable.Range(0, count).Chunk((recipe as TorchRecipe)?.Stack ?? 1).ToList();
        TorchThreads.RunAll("reference models", stacks.Count, workers ?? Environment.ProcessorCount, stack =>
        {
            var targets = TrainAll(recipe, rows,
                [.. stacks[stack].Select(model => new TrainingSpec { Positions = design.RowsOf(model), Seed = design.Seeds[model] })], cancellationToken);
            foreach (var (model, target) in stacks[stack].Zip(targets))
            {
                using (target)
                    confidences[model] = Confidences(target, rows);
                lock (gate)
                    progress?.Report(++finished);
            }
        }, cancellationToken);
        return new(rows.Ids, [.. Enumerable.Range(0, rows.Count).Select(rows.LabelAt)], design.Members, confidences) { ClassNames = rows.ClassNames };
    }

    private static IReadOnlyList<ITarget> TrainAll(
        ITrainingRecipe recipe,
        TrainingRows rows,
        IReadOnlyList<TrainingSpec> trainings,
        CancellationToken cancellationToken) => recipe is TorchRecipe torchRecipe
        ? torchRecipe.TrainMany(rows, trainings, cancellationToken)
        : [.. trainings.Select(training => recipe.Train(rows, training.Positions, training.Seed, cancellationToken: cancellationToken))];

    private static float[] Confidences(ITarget target, TrainingRows rows)
    {
        var confidences = new float[rows.Count];
        for (var start = 0; start < rows.Count; start += rows.AtOnce)
        {
            using var scope = torch.NewDisposeScope();
            var end = Math.Min(start + rows.AtOnce, rows.Count);
            var logProbabilities = torch.nn.functional.log_softmax(target.Logits(rows.SliceFeatures(start, end - start)), 1);
            LogitConfidence.Of(logProbabilities, rows.Labels[start..end]).data<float>().CopyTo(confidences.AsSpan(start));
        }
        return confidences;
    }
}
