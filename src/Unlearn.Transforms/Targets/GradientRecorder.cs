using TorchSharp;
using Unlearn.Transforms.Factors;

namespace Unlearn.Transforms.Targets;

/// <summary>Collects a <see cref="GradientTrace"/> by passes over copies of the model, so that training goes on as if nothing had happened.</summary>
internal sealed class GradientRecorder : IDisposable
{
    private const int RowsAtOnce = 256;

    private readonly FactorRows _rows;
    private readonly int _checkpoints;
    private readonly int _epochs;
    private readonly double[] _squaredNorms;

    // Welford's running moments of the input gradients: rows × features, or what stands for them.
    private readonly torch.Tensor _means;
    private readonly torch.Tensor _squaredDeviations;
    private int _recorded;

    /// <exception cref="NotSupportedException">The target has no input gradients.</exception>
    public GradientRecorder(TorchTarget target, TrainingRows rows, int[] positions, int checkpoints, int epochs)
    {
        _rows = FactorRows.Of(rows).Select(positions, rows.FeatureCount);
        _checkpoints = checkpoints;
        _epochs = epochs;
        _squaredNorms = new double[positions.Length];
        using var scope = torch.NewDisposeScope();
        using var copy = target.Clone();
        _means = torch.zeros(positions.Length, InputGradients(Batch(copy, 0, 1)).shape[1]).DetachFromDisposeScope();
        _squaredDeviations = torch.zeros_like(_means).DetachFromDisposeScope();
    }

    /// <summary>Records at the end of an epoch, counted from 1, if it is one of the checkpoints: they are spread evenly, up to the last epoch.</summary>
    public void EndEpoch(int epoch, TorchTarget target, CancellationToken cancellationToken)
    {
        if ((long)epoch * _checkpoints / _epochs == (epoch - 1L) * _checkpoints / _epochs)
            return;
        _recorded++;
        using var copy = target.Clone();
        for (var start = 0; start < _rows.Count; start += RowsAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = torch.NewDisposeScope();
            using var noGrad = torch.no_grad();
            Record(start, Batch(copy, start, Math.Min(start + RowsAtOnce, _rows.Count)));
        }
    }

    public GradientTrace ToTrace()
    {
        using var scope = torch.NewDisposeScope();
        return new(_recorded, [.. _squaredNorms.Select(sum => (float)sum)], (_squaredDeviations.mean([1]) / _recorded).data<float>().ToArray());
    }

    public void Dispose()
    {
        _means.Dispose();
        _squaredDeviations.Dispose();
    }

    private void Record(int start, FactorBatch batch)
    {
        var norms = HardnessFactors.GradientNorm.Compute(batch).cpu().data<float>();
        for (var i = 0; i < batch.Count; i++)
            _squaredNorms[start + i] += (double)norms[i] * norms[i];

        var gradients = InputGradients(batch);
        var means = _means.narrow(0, start, batch.Count);
        var before = gradients - means;
        means.add_(before, 1.0 / _recorded);
        _squaredDeviations.narrow(0, start, batch.Count).addcmul_(before, gradients - means, 1);
    }

    private FactorBatch Batch(TorchTarget copy, int start, int end) =>
        new(new FactorModel(copy, [], new Dictionary<string, IReadOnlyDictionary<string, torch.Tensor>>(), UnknownLabelHandling.Missing), _rows.Slice(start, end), withGradients: true);

    private static torch.Tensor InputGradients(FactorBatch batch) =>
        batch.Pass.InputGradients(torch.nn.functional.one_hot(batch.Labels, batch.Target.ClassCount).to(torch.ScalarType.Float32));
}
