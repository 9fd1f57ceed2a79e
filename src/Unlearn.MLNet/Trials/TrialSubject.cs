using TorchSharp;
using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms.Targets;

namespace Unlearn.MLNet.Trials;

/// <summary>What all trials of a study share: target, recipe, rows. Runs trials, from several threads at once.</summary>
/// <param name="target">The target, trained on all rows.</param>
/// <param name="recipe">How it was trained.</param>
/// <param name="rows">All rows.</param>
/// <param name="testRows">Rows it was not trained on; may be <see langword="null"/>.</param>
/// <param name="time">Source of the time.</param>
public sealed class TrialSubject(ITarget target, ITrainingRecipe recipe, TrainingRows rows, TrainingRows? testRows, TimeProvider time)
{
    private readonly Dictionary<string, int> _positions = rows.Ids.Select((id, position) => (id, position)).ToDictionary(row => row.id, row => row.position, StringComparer.Ordinal);
    private readonly double[] _targetConfidences = Confidences(target, rows);

    /// <summary>p_y of each row under the target, in [0, 1].</summary>
    public IReadOnlyList<double> TargetConfidences => _targetConfidences;

    /// <summary>Runs one trial.</summary>
    /// <param name="unlearner">The unlearner.</param>
    /// <param name="spec">The trial.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public TrialResult Run(IUnlearner unlearner, TrialSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(unlearner);
        var request = Request(spec);
        var start = time.GetTimestamp();
        using var unlearned = unlearner.Unlearn(request, cancellationToken);
        return Measure(spec, unlearned, time.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>How many trials of an unlearner to run at once.</summary>
    /// <param name="unlearner">The unlearner.</param>
    public int BatchSize(IBatchUnlearner unlearner)
    {
        ArgumentNullException.ThrowIfNull(unlearner);
        return unlearner.BatchSize(target, recipe);
    }

    /// <summary>
    /// Runs several trials at once, each at its place in a batch: its number modulo the batch's size. Places without a trial are filled with copies of the
    /// first, so that a trial's result depends neither on which others there are nor on what they ask for.
    /// </summary>
    /// <param name="unlearner">The unlearner.</param>
    /// <param name="specs">The trials: at least one, with as many rows to forget in each, and no two for one place.</param>
    /// <param name="size">Size of the batch.</param>
    /// <param name="cancellationToken">Stops them.</param>
    /// <returns>What came of each, in order. A trial's seconds are its part of the whole batch's.</returns>
    public IReadOnlyList<TrialAttempt> RunMany(IBatchUnlearner unlearner, IReadOnlyList<TrialSpec> specs, int size, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(unlearner);
        ArgumentNullException.ThrowIfNull(specs);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        var first = Request(specs[0]);
        var filling = new UnlearningRequest(target, recipe, rows, first.Forget, first.Seed);
        UnlearningRequest[] requests = [.. Enumerable.Repeat(filling, size)];
        foreach (var spec in specs)
            requests[spec.Index % size] = requests[spec.Index % size] == filling
                ? Request(spec)
                : throw new ArgumentException($"{spec} has the place of another trial in a batch of {size}.", nameof(specs));
        var start = time.GetTimestamp();
        using var batch = unlearner.UnlearnMany(requests, cancellationToken);
        var seconds = time.GetElapsedTime(start).TotalSeconds / specs.Count;
        return [.. specs.Select(spec => TrialAttempt.Of(() =>
        {
            using var unlearned = batch.Take(spec.Index % size);
            return Measure(spec, unlearned, seconds);
        }, cancellationToken))];
    }

    /// <summary>What a trial asks of its unlearner.</summary>
    /// <param name="spec">The trial.</param>
    public UnlearningRequest Request(TrialSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return new(target, recipe, rows, [.. spec.ForgetIds.Select(id => _positions[id])], spec.Seed);
    }

    /// <summary>Measures what a trial's unlearner made, whoever ran it.</summary>
    /// <param name="spec">The trial.</param>
    /// <param name="unlearned">What its unlearner made of <see cref="Request"/>; it stays the caller's.</param>
    /// <param name="seconds">Wall-clock seconds of the unlearning: of a batch of trials, this one's part.</param>
    public TrialResult Measure(TrialSpec spec, UnlearnedModel unlearned, double seconds)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(unlearned);
        int[] forget = [.. spec.ForgetIds.Select(id => _positions[id])];
        var isForgotten = forget.ToHashSet();
        var before = unlearned.Original is { } original ? Confidences(original, rows) : _targetConfidences;
        using var scope = torch.NewDisposeScope();
        var logProbabilities = torch.nn.functional.log_softmax(unlearned.Model.Logits(rows.Features), 1);
        var after = OfLabel(logProbabilities, rows);
        var correct = logProbabilities.argmax(1).eq(rows.Labels).data<bool>().ToArray();
        return new(spec.Id,
            [.. forget.Select(position => new RowOutcome(rows.Ids[position], before[position], after[position]))],
            correct.Where((_, position) => !isForgotten.Contains(position)).Count(isCorrect => isCorrect) / (double)(rows.Count - forget.Length),
            testRows is null ? null : Accuracy(unlearned.Model, testRows),
            seconds);
    }

    /// <summary>Share of rows that a model classifies rightly, in [0, 1].</summary>
    public static double Accuracy(ITarget model, TrainingRows rows)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rows);
        using var scope = torch.NewDisposeScope();
        return model.Logits(rows.Features).argmax(1).eq(rows.Labels).sum().item<long>() / (double)rows.Count;
    }

    private static double[] Confidences(ITarget model, TrainingRows rows)
    {
        using var scope = torch.NewDisposeScope();
        return OfLabel(torch.nn.functional.log_softmax(model.Logits(rows.Features), 1), rows);
    }

    private static double[] OfLabel(torch.Tensor logProbabilities, TrainingRows rows) =>
        [.. logProbabilities.gather(1, rows.Labels.unsqueeze(1)).squeeze(1).exp().data<float>().Select(value => (double)value)];
}
