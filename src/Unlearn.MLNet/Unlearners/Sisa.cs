using System.Globalization;
using Unlearn.MLNet.Unlearners.ParameterUpdates;
using Unlearn.Transforms.Targets;

namespace Unlearn.MLNet.Unlearners;

/// <summary>
/// SISA (Bourtoule et al., arXiv 1912.03817): rows are dealt to shards, each shard to slices; a model per shard trains slice after slice, with
/// all of the recipe's epochs each time, and keeps a checkpoint after each. To forget a row, its shard goes back to the checkpoint before the row's slice and trains on from there without it.
/// The models answer by their mean probability.
/// </summary>
/// <remarks>
/// The placement of rows is drawn from the request's seed, so that trials average over placements. Both ensembles, before and after, are really trained.
/// With one shard and one slice it is <see cref="ExactRetraining"/>. A recipe that cannot continue a training, as those of ML.NET's own trainers, trains each shard
/// anew on all of its slices: checkpoints would spare it nothing.
/// </remarks>
public sealed class Sisa : IUnlearner
{
    /// <summary>Number of shards, from 1.</summary>
    /// <value>Default 3.</value>
    public int Shards { get; init => field = Option.AtLeast(1, value); } = 3;

    /// <summary>Number of slices of a shard, from 1.</summary>
    /// <value>Default 2.</value>
    public int Slices { get; init => field = Option.AtLeast(1, value); } = 2;

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
        if (request.Rows.Count < Shards * Slices)
            throw new ArgumentException($"SISA with {Shards} shards of {Slices} slices needs at least {Shards * Slices} rows, but there are {request.Rows.Count}.", nameof(request));

        var slices = Place(request.Rows.Count, request.Seed);
        if (request.Recipe is not TorchRecipe)
            slices = [.. slices.Select(shard => new List<int[]> { shard.SelectMany(slice => slice).ToArray() })];
        var forgotten = request.Forget.ToHashSet();
        if (slices.Exists(shard => Array.TrueForAll(shard[0], forgotten.Contains)))
            throw new ArgumentException("SISA cannot forget every row of a shard's first slice: use fewer shards or slices, or smaller forget sets.", nameof(request));
        // Per shard the first slice with a forgotten row, −1 for none.
        int[] affected = [.. slices.Select(shard => shard.FindIndex(slice => slice.Any(forgotten.Contains)))];
        List<ITarget> before = [], after = [];
        var kept = new ITarget?[Shards];
        try
        {
            for (var shard = 0; shard < Shards; shard++)
            {
                (var last, kept[shard]) = Train(null, 0, slices[shard], keepBefore: affected[shard], request, request.Seed + shard, cancellationToken);
                before.Add(last);
            }
            request.AfterPreparation?.Invoke();
            for (var shard = 0; shard < Shards; shard++)
                after.Add(affected[shard] < 0
                    ? before[shard].Clone()
                    : Train(kept[shard], affected[shard], [.. slices[shard].Select(slice => slice.Where(row => !forgotten.Contains(row)).ToArray())], keepBefore: -1, request, request.Seed + shard, cancellationToken).Last);
            return new(new EnsembleTarget(after), new EnsembleTarget(before));
        }
        catch
        {
            before.ForEach(model => model.Dispose());
            after.ForEach(model => model.Dispose());
            throw;
        }
        finally
        {
            foreach (var checkpoint in kept)
                checkpoint?.Dispose();
        }
    }

    /// <summary>Trains from a slice on, each time on all slices so far.</summary>
    /// <param name="start">The model after the slices before; it stays the caller's.</param>
    /// <param name="first">Number of the slice to begin with.</param>
    /// <param name="slices">Positions of the rows of each slice.</param>
    /// <param name="keepBefore">Number of the slice before which the model is kept as a checkpoint; none before the first.</param>
    /// <param name="request">The request.</param>
    /// <param name="seed">Seed of the shard.</param>
    /// <param name="cancellationToken">Stops it.</param>
    private static (ITarget Last, ITarget? Checkpoint) Train(ITarget? start, int first, List<int[]> slices, int keepBefore, UnlearningRequest request, long seed, CancellationToken cancellationToken)
    {
        ITarget? model = start, checkpoint = null;
        try
        {
            for (var slice = first; slice < slices.Count; slice++)
            {
                int[] soFar = [.. slices.Take(slice + 1).SelectMany(row => row).Order()];
                var next = slice > 0
                    ? ((TorchRecipe)request.Recipe).Continue((TorchTarget)model!, request.Rows, soFar, Seed.Derive(seed, "slice", slice), cancellationToken: cancellationToken)
                    : request.Recipe.Train(request.Rows, soFar, seed, cancellationToken: cancellationToken);
                if (slice > 0 && slice == keepBefore)
                    checkpoint = model;
                else
                    Leave(model);
                model = next;
            }
            return (model!, checkpoint);
        }
        catch
        {
            Leave(model);
            checkpoint?.Dispose();
            throw;
        }

        void Leave(ITarget? passed)
        {
            if (!ReferenceEquals(passed, start))
                passed?.Dispose();
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
