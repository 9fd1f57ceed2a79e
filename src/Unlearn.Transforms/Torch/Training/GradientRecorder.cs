using TorchSharp;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Torch.PerSample;
using Unlearn.Transforms.Torch.PerSample.Gradients;

namespace Unlearn.Transforms.Torch.Training;

/// <summary>
/// Collects the gradients of a <see cref="TrainingTrace"/> by passes over copies of the model, so that training goes on as if nothing had happened.
/// </summary>
internal sealed class GradientRecorder : IDisposable
{
    private const int MostRowsAtOnce = 256;

    private readonly TrainingRows _rows;
    private readonly long[] _positions;
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
        _rows = rows;
        _positions = Array.ConvertAll(positions, position => (long)position);
        _checkpoints = checkpoints;
        _epochs = epochs;
        _squaredNorms = new double[positions.Length];
        using var scope = torch.NewDisposeScope();
        using var copy = target.Clone();
        _means = torch.zeros(positions.Length, Pass(copy, 0, 1).Inputs.shape[1]).DetachFromDisposeScope();
        _squaredDeviations = torch.zeros_like(_means).DetachFromDisposeScope();
    }

    /// <summary>Records at the end of an epoch, counted from 1, if it is one of the checkpoints: they are spread evenly, up to the last epoch.</summary>
    public void EndEpoch(int epoch, TorchTarget target, CancellationToken cancellationToken)
    {
        if ((long)epoch * _checkpoints / _epochs == (epoch - 1L) * _checkpoints / _epochs)
            return;
        _recorded++;
        using var copy = target.Clone();
        var atOnce = Math.Min(MostRowsAtOnce, _rows.AtOnce);
        for (var start = 0; start < _positions.Length; start += atOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = torch.NewDisposeScope();
            using var noGrad = torch.no_grad();
            Record(start, Pass(copy, start, Math.Min(atOnce, _positions.Length - start)));
        }
    }

    /// <summary>The trace, with what was recorded.</summary>
    public TrainingTrace AddTo(TrainingTrace trace)
    {
        using var scope = torch.NewDisposeScope();
        return trace with
        {
            GradientCheckpoints = _recorded,
            SquaredGradientNorms = [.. _squaredNorms.Select(sum => (float)sum)],
            InputGradientVariances = _squaredDeviations.mean([1]).Div(_recorded).data<float>().ToArray(),
        };
    }

    public void Dispose()
    {
        _means.Dispose();
        _squaredDeviations.Dispose();
    }

    private void Record(int start, (torch.Tensor Norms, torch.Tensor Inputs) gradients)
    {
        var norms = FloatSpan.Of(gradients.Norms.cpu().contiguous());
        var count = (int)gradients.Inputs.shape[0];
        for (var i = 0; i < count; i++)
            _squaredNorms[start + i] += (double)norms[i] * norms[i];

        var means = _means.narrow(0, start, count);
        var before = gradients.Inputs - means;
        means.AddInPlace(before, 1.0 / _recorded);
        _squaredDeviations.narrow(0, start, count).AddcmulInPlace(before, gradients.Inputs - means);
    }

    /// <returns>‖∇_θ ℓ‖ and ∇_x f_y of some rows.</returns>
    private (torch.Tensor Norms, torch.Tensor Inputs) Pass(TorchTarget copy, int start, int count)
    {
        var at = torch.tensor(_positions.AsSpan(start, count).ToArray());
        var features = _rows.SelectFeatures(at);
        var labels = _rows.Labels.index_select(0, at);
        var pass = copy.PerSample.Forward(features, withGradients: true);
        var ofLoss = LogitGradients.OfLoss(torch.nn.functional.log_softmax(pass.Logits.detach().cpu(), 1), labels);
        var norms = copy.PerSample.Unsupported.Count > 0
            ? RowByRowGradients.Norms(copy.Network, features, ofLoss)
            : pass.ParameterGradients(ofLoss).Select(layer => layer.SquaredNorms()).Sum().sqrt();
        return (norms, pass.InputGradients(torch.nn.functional.one_hot(labels, copy.ClassCount).to(torch.ScalarType.Float32)));
    }
}
