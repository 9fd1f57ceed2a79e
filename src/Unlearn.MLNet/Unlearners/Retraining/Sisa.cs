using Unlearn.MLNet.Unlearners;
using Unlearn.MLNet.Unlearners.Retraining;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>
/// SISA (Bourtoule et al., arXiv 1912.03817): rows are dealt to shards, and the rows of each shard to slices. Each shard trains its own model, slice
/// after slice. Each slice takes 2 / (R + 1) of the recipe's epochs, rounded and at least 1, and ends with a checkpoint. R slices then cost as much
/// as the recipe's epochs on the whole shard: 2R / (R + 1) of the epochs, on half of the rows and a little more. To forget a row, the shard returns
/// to the checkpoint before the row's slice and trains on without the row. The prediction is the mean probability over the models.
/// </summary>
/// <remarks>
/// The placement of rows is drawn from the request's seed, so trials average over placements. The ensembles before and after unlearning are both
/// really trained. SISA with one shard and one slice is <see cref="ExactRetraining"/>. A recipe for ML.NET's own trainers cannot continue a training.
/// It trains each affected shard from scratch on all of its slices, since checkpoints would save no work.
/// </remarks>
public sealed class Sisa : IBatchUnlearner
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
    public string Specification => Invariant($"sisa/2 shards={Shards} slices={Slices}");

    /// <inheritdoc/>
    public bool IsExact => true;

    /// <inheritdoc/>
    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var batch = Serve([request], cancellationToken);
        return batch.Take(0);
    }

    /// <inheritdoc/>
    public int BatchSize(ITarget target, ITrainingRecipe recipe) => StackedUnlearning.BatchSize(target, recipe);

    /// <inheritdoc/>
    public UnlearnedBatch UnlearnMany(IReadOnlyList<UnlearningRequest> requests, CancellationToken cancellationToken)
    {
        StackedUnlearning.Check(Name, requests);
        return Serve(requests, cancellationToken);
    }

    // Stack k holds shard k of every request.
    private UnlearnedBatch Serve(IReadOnlyList<UnlearningRequest> requests, CancellationToken cancellationToken)
    {
        var failures = new Exception?[requests.Count];
        SisaShard[][] ofRequests = [.. requests.Select((request, i) => Place(request, out failures[i]))];
        if (Array.TrueForAll(failures, failure => failure is not null))
            throw failures[0]!;
        SisaShard[][] stacks = [.. Enumerable.Range(0, Shards).Select(number => Array.ConvertAll(ofRequests, shards => shards[number]))];
        try
        {
            foreach (var stack in stacks)
                TrainBefore(stack);
            foreach (var request in requests)
                request.AfterPreparation?.Invoke();
            foreach (var stack in stacks)
                TrainAfter(stack);
            foreach (var shard in ofRequests.SelectMany(shards => shards))
                shard.Finish();
            return UnlearnedBatch.Of([.. ofRequests.Zip(requests, (shards, request) => Model(shards, request.Rows.Count))], failures);
        }
        finally
        {
            foreach (var shard in ofRequests.SelectMany(shards => shards))
                shard.Dispose();
        }

        void TrainBefore(SisaShard[] stack)
        {
            for (var slice = 0; slice < SlicesOf(requests[0]); slice++)
            {
                var (models, diverged) = Train(
                    requests[0], slice, Array.ConvertAll(stack, shard => shard.With(slice)), Array.ConvertAll(stack, shard => shard.Before), cancellationToken);
                for (var i = 0; i < stack.Length; i++)
                {
                    stack[i].SetBefore(slice, models[i]);
                    failures[i] ??= diverged[i];
                }
            }
        }

        void TrainAfter(SisaShard[] stack)
        {
            for (var slice = 0; slice < SlicesOf(requests[0]); slice++)
            {
                if (!Array.Exists(stack, shard => shard.IsAffected(slice)))
                    continue;
                // Unaffected shards train too, and the result is dropped. So the other shards' results do not depend on which shards are affected.
                var (models, diverged) = Train(requests[0], slice, Array.ConvertAll(stack, shard => shard.Without(slice)),
                    Array.ConvertAll(stack, shard => shard.StartWithout), cancellationToken);
                for (var i = 0; i < stack.Length; i++)
                    if (stack[i].IsAffected(slice))
                    {
                        stack[i].SetAfter(models[i]);
                        failures[i] ??= diverged[i];
                    }
                    else
                        models[i].Dispose();
            }
        }
    }

    private (IReadOnlyList<ITarget> Models, Exception?[] Diverged) Train(
        UnlearningRequest like, int slice, TrainingSpec[] trainings, ITarget?[] starts, CancellationToken cancellationToken)
    {
        var (positions, seed) = (trainings[0].Positions, trainings[0].Seed);
        if (like.Recipe is not TorchRecipe whole)
            return ([like.Recipe.Train(like.Rows, positions, seed, cancellationToken: cancellationToken)], [null]);
        var recipe = whole with { Epochs = EpochsOfSlice(whole.Epochs) };
        if (trainings.Length > 1)
            return recipe.TrainAll(like.Rows, trainings, slice == 0 ? null : Array.ConvertAll(starts, start => (TorchTarget)start!), cancellationToken,
                places: Math.Min(recipe.BatchSize, like.Rows.Count) + 1);
        return ([slice == 0
            ? recipe.Train(like.Rows, positions, seed, cancellationToken: cancellationToken)
            : recipe.Continue((TorchTarget)starts[0]!, like.Rows, positions, seed, cancellationToken: cancellationToken)], [null]);
    }

    private static UnlearnedModel Model(SisaShard[] shards, int rows)
    {
        var ofRow = new int[rows];
        for (var number = 0; number < shards.Length; number++)
            foreach (var row in shards[number].Rows)
                ofRow[row] = number;
        var models = Array.ConvertAll(shards, shard => shard.Take());
        return new(new EnsembleTarget(Array.ConvertAll(models, pair => pair.After)), new EnsembleTarget(Array.ConvertAll(models, pair => pair.Before)))
        {
            ShardOfRow = shards.Length > 1 ? ofRow : null,
        };
    }

    /// <summary>Epochs of each slice, so that all slices together take about as many steps as the recipe's epochs on the whole shard.</summary>
    internal int EpochsOfSlice(int epochs) => Math.Max(1, (int)Math.Round(2.0 * epochs / (Slices + 1), MidpointRounding.AwayFromZero));

    private int SlicesOf(UnlearningRequest request) => request.Recipe is TorchRecipe ? Slices : 1;

    /// <summary>Deals the rows to shards and slices.</summary>
    /// <param name="request">The request.</param>
    /// <param name="refusal">Why SISA cannot serve the request; <see langword="null"/> if it can. After a refusal, the shards forget nothing.</param>
    /// <exception cref="ArgumentException">There are too few rows.</exception>
    private SisaShard[] Place(UnlearningRequest request, out Exception? refusal)
    {
        var parts = Shards * Slices;
        if (request.Rows.Count < parts)
            throw new ArgumentException(
                $"SISA with {Shards} shards of {Slices} slices needs at least {parts} rows, but there are {request.Rows.Count}.", nameof(request));
        var order = Enumerable.Range(0, request.Rows.Count).ToArray();
        new SeededRandom(Seed.Derive(request.Seed, "placement")).Shuffle<int>(order);
        var slices = SlicesOf(request);
        int[][][] placed = [.. Enumerable.Range(0, Shards).Select(shard => Enumerable.Range(0, slices)
            .Select(slice => order.Where((_, i) => i % parts / Slices == shard && (slices == 1 || i % Slices == slice)).ToArray()).ToArray())];
        var forgotten = request.Forget.ToHashSet();
        refusal = Array.Exists(placed, shard => Array.TrueForAll(shard[0], forgotten.Contains))
            ? new ArgumentException(
                "SISA cannot forget every row of a shard's first slice: use fewer shards or slices, or smaller forget sets.", nameof(request))
            : null;
        var toForget = refusal is null ? forgotten : [];
        return [.. placed.Select((shard, number) => new SisaShard(shard, toForget, request.Seed + number))];
    }
}
