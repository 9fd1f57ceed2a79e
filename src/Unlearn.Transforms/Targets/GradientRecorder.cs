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

    // Welford's running moments of the input gradients, rows × features.
    private readonly torch.Tensor _means;
    private readonly torch.Tensor _squaredDeviations;
    private int _recorded;

    public GradientRecorder(TrainingRows rows, int[] positions, int checkpoints, int epochs)
    {
        _rows = FactorRows.Of(rows).Select(positions, rows.FeatureCount);
        _checkpoints = checkpoints;
        _epochs = epochs;
        _squaredNorms = new double[positions.Length];
        _means = torch.zeros(positions.Length, rows.FeatureCount).DetachFromDisposeScope();
        _squaredDeviations = torch.zeros_like(_means).DetachFromDisposeScope();
    }

    /// <summary>Records at the end of an epoch, counted from 1, if it is one of the checkpoints: they are spread evenly, up to the last epoch.</summary>
    public void EndEpoch(int epoch, TorchTarget target, CancellationToken cancellationToken)
    {
        if ((long)epoch * _checkpoints / _epochs == (epoch - 1L) * _checkpoints / _epochs)
            return;
        _recorded++;
        using var copy = target.Clone();
        var model = new FactorModel(copy, [], new Dictionary<string, IReadOnlyDictionary<string, torch.Tensor>>(), UnknownLabelHandling.Missing);
        for (var start = 0; start < _rows.Count; start += RowsAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = torch.NewDisposeScope();
            using var noGrad = torch.no_grad();
            Record(start, new FactorBatch(model, _rows.Slice(start, Math.Min(start + RowsAtOnce, _rows.Count)), withGradients: true));
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

        var gradients = batch.Pass.InputGradients(torch.nn.functional.one_hot(batch.Labels, batch.Target.ClassCount).to(torch.ScalarType.Float32));
        var means = _means.narrow(0, start, batch.Count);
        var before = gradients - means;
        means.add_(before, 1.0 / _recorded);
        _squaredDeviations.narrow(0, start, batch.Count).addcmul_(before, gradients - means, 1);
    }
}
