using TorchSharp;
using Unlearn.MLNet;
using Unlearn.Transforms;
using Unlearn.Transforms.Rows;
using Unlearn.Transforms.Torch.Training.Stacked;

namespace Unlearn.Benchmarks.Signal;

/// <summary>How much of the rows' displacements is noise, for a data set with its recipe.</summary>
internal sealed class SignalExperiment : IDisposable
{
    private readonly TrainingRows _rows;
    private readonly TrainingRows _testRows;
    private readonly TorchRecipe _recipe;
    private readonly long _seed;
    private readonly long[] _keys;
    private readonly Dictionary<SignalOrderKind, float[]> _targets = [];

    public SignalExperiment(TrainingRows rows, TrainingRows testRows, TorchRecipe recipe, long seed)
    {
        (_rows, _testRows, _recipe, _seed) = (rows, testRows, recipe, seed);
        _keys = [.. rows.Ids.Select(RowKey.OfId)];
    }

    private enum SignalOrderKind { Shuffled, Keyed }

    /// <summary>Trains two halves of models that leave rows out.</summary>
    /// <param name="scheme">What they share with the target.</param>
    /// <param name="share">Share of the rows that each leaves out.</param>
    /// <param name="trainings">Models of a half.</param>
    /// <param name="draw">Number of the draw: models of different draws share no seed and no forget set.</param>
    public SignalFigures Run(SignalScheme scheme, double share, int trainings, int draw = 0)
    {
        var before = Target(scheme);
        // Figures of two schemes must share no noise: they are correlated.
        var seed = Seed.Derive(_seed, Invariant($"{scheme.Name} {share}"), draw);
        var accuracies = new Sample();
        var seconds = 0.0;
        double[][] halves = [Half(0), Half(1)];
        return new(scheme.Name, share, seconds, accuracies.Median, halves);

        double[] Half(int half)
        {
            var sums = new double[_rows.Count];
            var counts = new int[_rows.Count];
            foreach (var chunk in Enumerable.Range(0, trainings).Chunk(_recipe.Stack))
            {
                var left = chunk.Select(training => ForgetSet(counts, share, Seed.Derive(seed, "forget", half, training))).ToList();
                var specs = chunk.Zip(left, (training, without) => (
                    Positions: Enumerable.Range(0, _rows.Count).Except(without).ToArray(), Seed: scheme.SharesSeed
                        ? _seed
                        : Seed.Derive(seed, "retrained", half, training))).ToList();
                List<TorchTarget> models = [];
                seconds += Clock.Seconds(() => models = Train(scheme, specs));
                foreach (var (model, without) in models.Zip(left))
                {
                    var confidences = Confidences(model, _rows);
                    foreach (var row in without)
                        sums[row] += confidences[row];
                    accuracies.Add(Accuracy(model, _testRows));
                    model.Dispose();
                }
            }
            return [.. sums.Select((sum, row) => before[row] - sum / counts[row])];
        }
    }

    /// <summary>What the target has learned, in the usual order: train and test accuracy.</summary>
    public (double Train, double Test) TargetAccuracy()
    {
        using var target = Train(SignalScheme.All[0], [(AllRows, _seed)])[0];
        return (Accuracy(target, _rows), Accuracy(target, _testRows));
    }

    public void Dispose()
    {
        _rows.Dispose();
        _testRows.Dispose();
    }

    private int[] AllRows => [.. Enumerable.Range(0, _rows.Count)];

    // All rows: struck batches are the keyed ones.
    private float[] Target(SignalScheme scheme)
    {
        var kind = scheme.IsShuffled ? SignalOrderKind.Shuffled : SignalOrderKind.Keyed;
        if (!_targets.TryGetValue(kind, out var confidences))
        {
            using var target = Train(scheme, [(AllRows, _seed)])[0];
            _targets[kind] = confidences = Confidences(target, _rows);
        }
        return confidences;
    }

    private List<TorchTarget> Train(SignalScheme scheme, IReadOnlyList<(int[] Positions, long Seed)> specs)
    {
        List<TorchTarget> models =
        [
            .. specs.Select(spec => TorchTarget.Untrained(_recipe.Architecture, TorchDevice.Cpu, Seed.Derive(spec.Seed, "initialisation"))),
        ];
        ModelBatches[] batches =
        [
            .. specs.Select(spec => new ModelBatches(_recipe.Epochs, scheme.Create(_keys, spec.Positions, _recipe.BatchSize, spec.Seed))),
        ];
        foreach (var failure in StackedTraining.Run(_recipe.Steps, models, _rows, batches, places: null, CancellationToken.None))
            if (failure is not null)
                throw failure;
        return models;
    }

    // The rows that were left out least often so far, ties at random; they are counted.
    private static int[] ForgetSet(int[] counts, double share, long seed)
    {
        int[] order = [.. Enumerable.Range(0, counts.Length)];
        new SeededRandom(seed).Shuffle<int>(order);
        int[] chosen = [.. order.OrderBy(row => counts[row]).Take((int)Math.Round(share * counts.Length))];
        foreach (var row in chosen)
            counts[row]++;
        return chosen;
    }

    private static float[] Confidences(TorchTarget model, TrainingRows rows)
    {
        using var scope = torch.NewDisposeScope();
        return [.. Batches(rows)
            .SelectMany(batch => model.Logits(batch.Features).log_softmax(1).gather(1, batch.Labels.unsqueeze(1)).exp().flatten().data<float>().ToArray())];
    }

    private static double Accuracy(TorchTarget model, TrainingRows rows)
    {
        using var scope = torch.NewDisposeScope();
        return Batches(rows).Sum(batch => model.Logits(batch.Features).argmax(1).eq(batch.Labels).sum().item<long>()) / (double)rows.Count;
    }

    private static IEnumerable<(torch.Tensor Features, torch.Tensor Labels)> Batches(TrainingRows rows)
    {
        for (var start = 0; start < rows.Count; start += rows.AtOnce)
        {
            var count = Math.Min(rows.AtOnce, rows.Count - start);
            yield return (rows.Features.narrow(0, start, count), rows.Labels.narrow(0, start, count));
        }
    }
}
