using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Examples.ErasureRequests;

/// <summary>
/// Bounds of residual memory for rows that were never labeled, from a hardness model. It learns from a sample of the rows on the target, and is then given the
/// factors of whatever model was retrained last.
/// </summary>
internal sealed class HardnessPredictor : IDisposable
{
    private readonly MLContext _mlContext;
    private readonly ErasureWorld _world;
    private readonly IReadOnlyList<IHardnessFactor> _factors;
    private readonly ReferenceModels? _references;
    private readonly UnlearningHardnessTransformer _hardness;
    private readonly Dictionary<int, Timed<UnlearnFactorsTransformer>> _statistics = [];

    /// <summary>Learns from the labels of a sample.</summary>
    /// <param name="world">Rows and target.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="sample">Positions of the rows whose labels are used, and no others.</param>
    /// <param name="seconds">What each method costs here, by its name, retraining included.</param>
    /// <param name="groups">Near-duplicates: the group of each row.</param>
    /// <param name="factors">The factors.</param>
    /// <param name="references">Reference models, for factors of tier T3.</param>
    /// <param name="confidence">1 − α of the bounds.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    public HardnessPredictor(
        ErasureWorld world, IDataView labels, int[] sample, IReadOnlyDictionary<string, double> seconds, int[] groups, IReadOnlyList<IHardnessFactor> factors,
        ReferenceModels? references, double confidence, int seed, CancellationToken cancellationToken)
    {
        (_mlContext, _world, _factors, _references) = (new(seed), world, factors, references);
        var trained = Timed.Run(() =>
        {
            var statistics = StatisticsAt(ErasureWorld.Start, cancellationToken);
            var groupOfId = sample.Select(row => KeyValuePair.Create(world.Rows.Ids[row], groups[row]));
            using var rows = world.Subset(sample);
            var input = statistics.Value.Transform(rows.ToDataView(_mlContext));
            var keyed = _mlContext.Transforms.Conversion.MapValue("Group", groupOfId, "RowId").Fit(input).Transform(input);
            return _mlContext.Transforms.UnlearningHardness(labels, new()
            {
                GroupColumnName = "Group",
                Confidence = confidence,
                Seconds = seconds,
                Seed = seed,
                CancellationToken = cancellationToken,
            }).Fit(keyed);
        });
        (_hardness, TrainingSeconds) = (trained.Value, trained.Seconds);
    }

    /// <summary>Processor seconds of factors and learning.</summary>
    public double TrainingSeconds { get; }

    /// <summary>The tolerance that bounds are compared with.</summary>
    public double Tolerance => _hardness.Tolerance;

    /// <summary>The largest bound of each method over the rows of a request, by its name; <c>nothing</c> is one of them.</summary>
    /// <param name="request">The request.</param>
    /// <param name="retrainedAt">When the model was retrained that the request is about.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <returns>The bounds, without those of methods that cost more than retraining, and what they cost without <see cref="StatisticsAt"/>.</returns>
    public Timed<IReadOnlyDictionary<string, double>> Bounds(StreamRequest request, int retrainedAt, CancellationToken cancellationToken)
    {
        var statistics = StatisticsAt(retrainedAt, cancellationToken);
        using var rows = _world.Subset(request.Rows);
        return Timed.Run<IReadOnlyDictionary<string, double>>(() =>
        {
            var predicted = _hardness.Transform(statistics.Value.Transform(rows.ToDataView(_mlContext)));
            return _hardness.Methods
                .Where(method => predicted.Schema.GetColumnOrNull($"{method}.ResidualMemoryBound") is not null) // exact ones have none
                .ToDictionary(method => method, method => (double)predicted.GetColumn<float>($"{method}.ResidualMemoryBound").Max());
        });
    }

    /// <summary>What the factors need to know of a retrained model and its rows. Computed once; each policy that uses it is charged.</summary>
    public Timed<UnlearnFactorsTransformer> StatisticsAt(int retrainedAt, CancellationToken cancellationToken)
    {
        if (_statistics.TryGetValue(retrainedAt, out var known))
            return known;
        var model = _world.RetrainedAt(retrainedAt, cancellationToken);
        using var rows = _world.Subset(_world.RetainedAt(retrainedAt));
        return _statistics[retrainedAt] = Timed.Run(() => _mlContext.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options
        {
            Target = model.Value,
            Factors = _factors,
            References = _references,
            Seed = 1,
            CancellationToken = cancellationToken,
        }).Fit(rows.ToDataView(_mlContext)));
    }

    public void Dispose()
    {
        foreach (var statistics in _statistics.Values)
            statistics.Value.Dispose();
    }
}
