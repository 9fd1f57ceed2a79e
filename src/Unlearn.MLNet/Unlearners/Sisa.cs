using System.Globalization;
using Unlearn.Transforms.Targets;

namespace Unlearn.MLNet.Unlearners;

/// <summary>
/// SISA (Bourtoule et al., arXiv 1912.03817): rows are dealt to shards, each shard to slices; a model per shard trains slice after slice, with
/// all of the recipe's epochs each time, and keeps a checkpoint after each. To forget a row, its shard goes back to the checkpoint before the row's slice and trains on from there without it.
/// The models answer by their mean probability.
/// </summary>
/// <remarks>
/// The placement of rows is drawn from the request's seed, so that trials average over placements. Both ensembles, before and after, are really trained.
/// With one shard and one slice it is <see cref="ExactRetraining"/>.
/// </remarks>
public sealed class Sisa : IUnlearner
{
    /// <summary>Number of shards, from 1.</summary>
    /// <value>Default 3.</value>
    public int Shards { get; init; } = 3;

    /// <summary>Number of slices of a shard, from 1.</summary>
    /// <value>Default 2.</value>
    public int Slices { get; init; } = 2;

    /// <inheritdoc/>
    public string Name => "SISA";

    /// <inheritdoc/>
    public string Specification => string.Create(CultureInfo.InvariantCulture, $"sisa/1 shards={Shards} slices={Slices}");

    /// <inheritdoc/>
    public bool IsExact => true;

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(Shards, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Slices, 1);
        var (_, recipe) = request.Torch(Name);
        if (request.Rows.Count < Shards * Slices)
            throw new ArgumentException($"SISA with {Shards} shards of {Slices} slices needs at least {Shards * Slices} rows, but there are {request.Rows.Count}.", nameof(request));

        var slices = Place(request.Rows.Count, request.Seed);
        var forgotten = request.Forget.ToHashSet();
        List<TorchTarget> before = [], after = [];
        try
        {
            for (var shard = 0; shard < Shards; shard++)
            {
                var seed = request.Seed + shard;
                List<TorchTarget> checkpoints = [];
                try
                {
                    TrainFrom(0, slices[shard], checkpoints, recipe, request.Rows, seed, cancellationToken);
                    before.Add(checkpoints[^1].Clone());

                    var first = slices[shard].FindIndex(slice => slice.Any(forgotten.Contains));
                    if (first >= 0)
                        TrainFrom(first, [.. slices[shard].Select(slice => slice.Where(row => !forgotten.Contains(row)).ToArray())], checkpoints, recipe, request.Rows, seed, cancellationToken);
                    after.Add(checkpoints[^1].Clone());
                }
                finally
                {
                    checkpoints.ForEach(checkpoint => checkpoint.Dispose());
                }
            }
            return new(new EnsembleTarget(after), new EnsembleTarget(before));
        }
        catch
        {
            before.ForEach(model => model.Dispose());
            after.ForEach(model => model.Dispose());
            throw;
        }
    }

    /// <summary>Trains from a slice on, each time on all slices so far, and keeps the model after each slice.</summary>
    private static void TrainFrom(int first, List<int[]> slices, List<TorchTarget> checkpoints, TorchRecipe recipe, TrainingRows rows, long seed, CancellationToken cancellationToken)
    {
        checkpoints.Skip(first).ToList().ForEach(checkpoint => checkpoint.Dispose());
        checkpoints.RemoveRange(first, checkpoints.Count - first);
        for (var slice = first; slice < slices.Count; slice++)
        {
            int[] soFar = [.. slices.Take(slice + 1).SelectMany(row => row).Order()];
            if (soFar.Length == 0)
                throw new ArgumentException("SISA cannot forget every row of a shard's first slice: use fewer shards or slices, or smaller forget sets.");
            checkpoints.Add(slice == 0
                ? recipe.Train(rows, soFar, seed, cancellationToken: cancellationToken)
                : recipe.Continue(checkpoints[^1], rows, soFar, Seed.Derive(seed, "slice", slice), cancellationToken: cancellationToken));
        }
    }

    /// <summary>For each shard, the positions of the rows in each of its slices.</summary>
    private List<List<int[]>> Place(int rows, long seed)
    {
        var order = Enumerable.Range(0, rows).ToArray();
        new Random((int)(Seed.Derive(seed, "placement") & int.MaxValue)).Shuffle(order);
        return [.. Enumerable.Range(0, Shards).Select(shard => Enumerable.Range(0, Slices)
            .Select(slice => order.Where((_, i) => i % (Shards * Slices) == shard * Slices + slice).ToArray()).ToList())];
    }
}
