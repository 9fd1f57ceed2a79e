using Unlearn.MLNet;
using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;

namespace Unlearn.Examples.ErasureRequests;

/// <summary>
/// What all policies share: rows, target, stream, and the models that are retrained without all requests up to a time. Each of these is trained once and
/// charged to every policy that asks for it, so policies differ by their choices and not by the luck of their seeds.
/// </summary>
/// <param name="recipe">How the target is trained, one model at a time.</param>
/// <param name="rows">The training rows.</param>
/// <param name="testRows">The test rows.</param>
/// <param name="target">The target, trained on all rows, and what that took.</param>
/// <param name="stream">The requests.</param>
/// <param name="seed">Root seed of retrainings and unlearnings.</param>
internal sealed class ErasureWorld(
    TorchRecipe recipe, TrainingRows rows, TrainingRows testRows, Timed<ITarget> target, IReadOnlyList<StreamRequest> stream, long seed) : IDisposable
{
    /// <summary>The time before the first request.</summary>
    public const int Start = -1;

    private readonly Dictionary<int, Timed<ITarget>> _retrained = [];

    public TorchRecipe Recipe => recipe;

    public TrainingRows Rows => rows;

    public TrainingRows TestRows => testRows;

    public Timed<ITarget> Target => target;

    public IReadOnlyList<StreamRequest> Stream => stream;

    /// <summary>Mean processor seconds of a retraining so far; of the target's training before the first.</summary>
    public double RetrainingSeconds => _retrained.Count == 0 ? target.Seconds : _retrained.Values.Average(model => model.Seconds);

    /// <summary>Positions of the rows that no request up to a time names.</summary>
    public int[] RetainedAt(int time)
    {
        var isRequested = new bool[rows.Count];
        foreach (var row in stream.Take(time + 1).SelectMany(request => request.Rows))
            isRequested[row] = true;
        return [.. Enumerable.Range(0, rows.Count).Where(row => !isRequested[row])];
    }

    /// <summary>The model that is retrained without the rows of all requests up to a time; the target at the start. It stays the world's.</summary>
    public Timed<ITarget> RetrainedAt(int time, CancellationToken cancellationToken)
    {
        if (time == Start)
            return target;
        if (!_retrained.TryGetValue(time, out var model))
            _retrained.Add(time, model = Timed.Run<ITarget>(
                () => recipe.Train(rows, RetainedAt(time), Seed.Derive(seed, "retraining", time), cancellationToken: cancellationToken)));
        return model;
    }

    /// <summary>Unlearns the rows of a request from a model. Rows of earlier requests are neither forgotten again nor retained.</summary>
    public Timed<UnlearnedModel> Unlearn(IUnlearner unlearner, ITarget model, StreamRequest request, CancellationToken cancellationToken)
    {
        var positions = RetainedAt(request.Number - 1);
        using var left = Subset(positions);
        int[] forget = [.. request.Rows.Select(row => Array.BinarySearch(positions, row))];
        UnlearningRequest unlearning = new(model, recipe, left, forget, Seed.Derive(seed, $"unlearning {unlearner.Name}", request.Number));
        return Timed.Run(() => unlearner.Unlearn(unlearning, cancellationToken));
    }

    /// <summary>Some of the rows, as rows of their own.</summary>
    public TrainingRows Subset(int[] positions)
    {
        var features = new float[(long)positions.Length * rows.FeatureCount];
        for (var i = 0; i < positions.Length; i++)
            rows.FeaturesAt(positions[i]).CopyTo(features.AsSpan(i * rows.FeatureCount));
        return new([.. positions.Select(row => rows.Ids[row])], features, rows.FeatureCount, [.. positions.Select(row => (long)rows.LabelAt(row))],
            rows.ClassCount, rows.ClassNames);
    }

    /// <summary>Accuracy of a model on the test rows, in [0, 1].</summary>
    public double TestAccuracy(ITarget model) => ModelAnswers.Of(model, testRows).Accuracy;

    public void Dispose()
    {
        foreach (var model in _retrained.Values.Append(target))
            model.Value.Dispose();
    }
}
