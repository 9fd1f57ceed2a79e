using TorchSharp;
using Unlearn.Transforms.PerSample;
using Unlearn.Transforms.Targets;

namespace Unlearn.Transforms.Factors;

/// <summary>
/// A batch of rows and what factors share about them, each computed once, when it is first asked for.
/// All tensors belong to the dispose scope that is open while the batch is used.
/// </summary>
public sealed class FactorBatch
{
    private readonly FactorModel _model;
    private readonly bool _withGradients;
    private readonly torch.Tensor _features;
    private torch.Tensor? _logits;
    private torch.Tensor? _logProbabilities;
    private torch.Tensor? _lossLogitGradients;
    private PerSamplePass? _pass;
    private IReadOnlyList<LayerGradient>? _lossGradients;

    internal FactorBatch(FactorModel model, torch.Tensor features, torch.Tensor labels, bool withGradients)
    {
        _model = model;
        _withGradients = withGradients;
        _features = features;
        Labels = labels;
    }

    /// <summary>Number of rows.</summary>
    public long Count => _features.shape[0];

    /// <summary>Feature values, rows × features.</summary>
    public torch.Tensor Features => _features;

    /// <summary>Labels, <c>int64</c>, from 0.</summary>
    public torch.Tensor Labels { get; }

    /// <summary>The target.</summary>
    public ITarget Target => _model.Target;

    /// <summary>f: logits, rows × classes.</summary>
    public torch.Tensor Logits => _logits ??= _withGradients ? Pass.Logits.detach() : _model.Target.Logits(Features);

    /// <summary>log p: rows × classes, in nats.</summary>
    public torch.Tensor LogProbabilities => _logProbabilities ??= torch.nn.functional.log_softmax(Logits, 1);

    /// <summary>log p_y: one per row, in nats.</summary>
    public torch.Tensor LabelLogProbabilities => LogProbabilities.gather(1, Labels.unsqueeze(1)).squeeze(1);

    /// <summary>The state that a statistic learned from the training rows.</summary>
    /// <param name="statistic">The statistic.</param>
    /// <exception cref="KeyNotFoundException">No asked factor has this statistic.</exception>
    public IReadOnlyDictionary<string, torch.Tensor> State(IFactorStatistic statistic)
    {
        ArgumentNullException.ThrowIfNull(statistic);
        return _model.States[statistic.Name];
    }

    /// <summary>Forward pass with its graph; on the target's device.</summary>
    internal PerSamplePass Pass => _pass ??= _model.PerSample!.Forward(Features);

    /// <summary>∂ℓ/∂f = p − onehot(y), rows × classes. The entry of y is minus the sum of the others: 1 − p_y would cancel in a saturated model.</summary>
    internal torch.Tensor LossLogitGradients => _lossLogitGradients ??= LogitGradients(Labels);

    /// <summary>Per-row gradients of the loss, layer by layer.</summary>
    internal IReadOnlyList<LayerGradient> LossGradients => _lossGradients ??= Pass.ParameterGradients(LossLogitGradients);

    /// <summary>The module with hooks; <see langword="null"/> where the target shows no gradients.</summary>
    internal PerSampleModule? PerSample => _model.PerSample;

    /// <summary>p − onehot(k) for labels k of any kind.</summary>
    internal torch.Tensor LogitGradients(torch.Tensor labels)
    {
        var index = labels.unsqueeze(1);
        var others = LogProbabilities.exp().scatter(1, index, torch.zeros_like(index, dtype: torch.ScalarType.Float32));
        return others.scatter(1, index, others.sum(1, keepdim: true).neg());
    }
}
