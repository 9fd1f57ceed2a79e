using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using TorchSharp;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Runtime;
using Unlearn.Transforms.Torch.PerSample;

namespace Unlearn.Transforms.Factors;

/// <summary>A target with fitted factors: computes any of them for any rows. Used from several threads at once.</summary>
internal sealed class FactorModel
{
    private readonly Action<string>? _warn;
    private volatile int _rowsAtOnce = int.MaxValue;

    /// <summary>Takes over the target.</summary>
    /// <param name="target">The target.</param>
    /// <param name="factors">The factors.</param>
    /// <param name="states">State of each statistic, by its name.</param>
    /// <param name="unknownLabels">What to do for rows without a label.</param>
    /// <param name="warn">Gets what users should know of a computation that went on nevertheless; may be <see langword="null"/>.</param>
    public FactorModel(
        ITarget target,
        IReadOnlyList<IHardnessFactor> factors,
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, torch.Tensor>> states,
        UnknownLabelHandling unknownLabels,
        Action<string>? warn = null)
    {
        _warn = warn;
        Target = target;
        Factors = factors;
        States = states;
        UnknownLabels = unknownLabels;
        foreach (var tensor in states.Values.SelectMany(state => state.Values))
            tensor.DetachFromDisposeScope();
    }

    public ITarget Target { get; }

    public IReadOnlyList<IHardnessFactor> Factors { get; }

    /// <summary>State of each statistic, by its name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, torch.Tensor>> States { get; }

    public UnknownLabelHandling UnknownLabels { get; }

    public PerSampleModule? PerSample => (Target as TorchTarget)?.PerSample;

    /// <summary>Learns the statistics that the factors need.</summary>
    /// <param name="target">The target; the model takes it over.</param>
    /// <param name="factors">The factors.</param>
    /// <param name="rows">The training rows.</param>
    /// <param name="trace">What was recorded while the target trained.</param>
    /// <param name="references">What reference models say of the rows.</param>
    /// <param name="unknownLabels">What to do for rows without a label.</param>
    /// <param name="batchSize">Rows of a batch.</param>
    /// <param name="seed">Seed of all random draws.</param>
    /// <param name="afterBatch">Called after every batch, and in between where a batch takes long; throws to end the fit.</param>
    /// <param name="warn">As in the constructor.</param>
    /// <param name="approximateNeighborsFrom">Number of rows from which neighbors are found approximately.</param>
    public static FactorModel Fit(
        ITarget target,
        IReadOnlyList<IHardnessFactor> factors,
        FactorTable rows,
        TrainingTrace? trace,
        ReferenceModels? references,
        UnknownLabelHandling unknownLabels,
        int batchSize,
        long seed,
        Action afterBatch,
        Action<string>? warn = null,
        int? approximateNeighborsFrom = null)
    {
        var states = new Dictionary<string, IReadOnlyDictionary<string, torch.Tensor>>(StringComparer.Ordinal);
        var model = new FactorModel(target, factors, states, unknownLabels, warn);
        foreach (var statistic in factors.Select(factor => factor.Statistic).OfType<IFactorStatistic>().Distinct())
        {
            states[statistic.Name] = Fitted(statistic, () =>
            {
                using var scope = torch.NewDisposeScope();
                var state = statistic.Fit(new FactorTraining(Batches(), rows.Count, target, trace, references, Seed.Derive(seed, statistic.Name),
                    rows.StoreFolder, afterBatch, approximateNeighborsFrom));
                return state is StoredState stored ? stored.With(Kept(stored.InMemory)) : Kept(state);
            });
        }
        return model;

        // As they come from a file: products add in another order where a matrix is transposed in memory.
        static Dictionary<string, torch.Tensor> Kept(IReadOnlyDictionary<string, torch.Tensor> state) => state.ToDictionary(
            entry => entry.Key, entry => AlignedTensor.Of(entry.Value.contiguous()).DetachFromDisposeScope(), StringComparer.Ordinal);

        // Features far from 1 overflow squares or make matrices singular, which linear algebra tells in its own words.
        IReadOnlyDictionary<string, torch.Tensor> Fitted(IFactorStatistic statistic, Func<IReadOnlyDictionary<string, torch.Tensor>> fit)
        {
            try
            {
                // With other batches a statistic begins anew.
                while (true)
                {
                    var rowsAtOnce = Math.Min(Math.Min(batchSize, rows.Count), model._rowsAtOnce);
                    try
                    {
                        return EarlyCollection.Retry(fit);
                    }
                    catch (ExternalException cause) when (rowsAtOnce > 1 && DeviceMemory.IsShort(cause))
                    {
                        model.TakeFewer(rowsAtOnce, cause);
                    }
                }
            }
            catch (ExternalException cause) when (!DeviceMemory.IsShort(cause))
            {
                var (largest, slot) = Largest();
                var names = string.Join(", ", factors.Where(factor => factor.Statistic == statistic).Select(factor => factor.Name));
                throw new InvalidOperationException($"{names} cannot be computed: {cause.Message.Split('\n')[0]} The features reach "
                    + Invariant($"{largest}, in slot {slot}: bring them near 1, ")
                    + $"for example with NormalizeMeanVariance, and train the target on them, or leave {names} out of the factors.", cause);
            }
        }

        (float Value, int Slot) Largest()
        {
            var (value, slot) = (0f, 0);
            for (var row = 0; row < rows.Count; row++)
            {
                var features = rows.Slice(row, row + 1).Features;
                var place = TensorPrimitives.IndexOfMaxMagnitude<float>(features);
                if (row == 0 || Math.Abs(features[place]) > Math.Abs(value))
                    (value, slot) = (features[place], place);
            }
            return (value, slot);
        }

        IEnumerable<FactorBatch> Batches()
        {
            float[]? features = null;
            var rowsAtOnce = Math.Min(batchSize, model._rowsAtOnce);
            for (var start = 0; start < rows.Count; start += rowsAtOnce)
            {
                using var scope = torch.NewDisposeScope();
                var slice = rows.Slice(start, Math.Min(start + rowsAtOnce, rows.Count), features);
                features = slice.Features;
                yield return new FactorBatch(model, slice, withGradients: true);
                afterBatch();
            }
        }
    }

    /// <summary>Computes some factors of some rows.</summary>
    /// <param name="asked">Positions of the factors in <see cref="Factors"/>.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="values">Per factor of <see cref="Factors"/>, receives one value per row; NaN where a label is needed and missing.</param>
    public void Compute(IReadOnlyList<int> asked, FactorRows rows, float[][] values)
    {
        if (rows.Count == 0)
        {
            foreach (var factor in asked)
                values[factor] = [];
            return;
        }
        foreach (var (factor, column) in asked.Zip(ColumnsInParts(asked, rows)))
            values[factor] = column;
    }

    /// <summary>Frees the statistics. The target stays.</summary>
    public void DisposeStates()
    {
        foreach (var state in States.Values)
        {
            DerivedOfState.Free(state);
            if (state is StoredState stored)
                stored.Dispose();
            else
                foreach (var tensor in state.Values)
                    tensor.Dispose();
        }
    }

    // A device without enough memory for a batch gets it in halves, and later batches too.
    private float[][] ColumnsInParts(IReadOnlyList<int> asked, FactorRows rows)
    {
        List<float[][]> parts = [];
        for (var start = 0; start < rows.Count;)
        {
            var count = Math.Min(_rowsAtOnce, rows.Count - start);
            var part = count == rows.Count ? rows : rows.Slice(start, start + count);
            try
            {
                parts.Add(EarlyCollection.Retry(() => Columns(asked, part)));
                start += count;
            }
            catch (ExternalException cause) when (count > 1 && DeviceMemory.IsShort(cause))
            {
                TakeFewer(count, cause);
            }
        }
        return parts is [var whole] ? whole : [.. asked.Select((_, factor) => parts.SelectMany(part => part[factor]).ToArray())];
    }

    private void TakeFewer(int rowsAtOnce, ExternalException cause)
    {
        _rowsAtOnce = Math.Min(_rowsAtOnce, rowsAtOnce / 2);
        _warn?.Invoke($"The device has too little memory for the factors of {rowsAtOnce} rows at once, so from now on they are computed for {_rowsAtOnce}: "
            + $"a {nameof(UnlearnFactorsEstimator.Options.BatchSize)} of that size saves the attempt. Torch says: {cause.Message.Split('\n')[0]}");
    }

    private float[][] Columns(IReadOnlyList<int> asked, FactorRows rows)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var batch = new FactorBatch(this, rows,
            withGradients: asked.Any(factor => (Factors[factor].Requires & (TargetCapabilities.InputGradients | TargetCapabilities.ParameterGradients)) != 0));
        return [.. asked.Select(factor =>
        {
            var column = Factors[factor].Compute(batch).to(torch.ScalarType.Float32).cpu().data<float>().ToArray();
            if (Factors[factor].NeedsLabel && UnknownLabels == UnknownLabelHandling.Missing)
                for (var row = 0; row < column.Length; row++)
                    if (rows.Labels[row] < 0)
                        column[row] = float.NaN;
            return column;
        })];
    }
}
