using TorchSharp;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Factors;
using Unlearn.Transforms.Rows;
using Unlearn.Transforms.Torch.PerSample;
using Unlearn.Transforms.Torch.PerSample.Gradients;

namespace Unlearn.Transforms;

/// <summary>
/// A batch of rows and the values that factors share about them. Each value is computed once, at its first use.
/// All tensors belong to the dispose scope that is open while the batch is used.
/// </summary>
public sealed class FactorBatch
{
    private readonly FactorModel _model;
    private readonly bool _withGradients;
    private readonly FactorRows _rows;
    private torch.Tensor? _logits;
    private torch.Tensor? _logProbabilities;
    private torch.Tensor? _lossLogitGradients;
    private PerSamplePass? _pass;
    private torch.Tensor? _embeddings;
    private torch.Tensor? _leaves;
    private torch.Tensor? _rowKeys;
    private IReadOnlyList<LayerGradient>? _lossGradients;
    private torch.Tensor? _lossInputGradients;
    private torch.Tensor? _lossGradientSquaredNorms;
    private torch.Tensor? _sampledSquaredNorms;
    private readonly Dictionary<Delegate, object> _shared = [];

    internal FactorBatch(FactorModel model, FactorRows rows, bool withGradients)
    {
        _model = model;
        _rows = rows;
        _withGradients = withGradients;
        Features = rows.Count == 0
            ? torch.zeros([0, model.Target.FeatureCount])
            : AlignedTensor.Of(torch.from_array(rows.Features).reshape(rows.Count, model.Target.FeatureCount));
        Labels = rows.Count == 0 ? torch.zeros([0], torch.ScalarType.Int64) : torch.tensor(rows.Labels);
        if (model.UnknownLabels == UnknownLabelHandling.Predicted && Array.Exists(rows.Labels, label => label < 0))
            Labels = Labels.where(Labels.Ge(0), Logits.argmax(1));
        Labels = Labels.ClampMin(0);
    }

    /// <summary>Number of rows.</summary>
    public long Count => _rows.Count;

    /// <summary>Feature values, rows × features. The next batch reuses this memory: clone values that you keep, and change nothing in place.</summary>
    public torch.Tensor Features { get; }

    /// <summary>Labels, <c>int64</c>, from 0. For an unknown label the value has no meaning, unless the predicted class replaces it.</summary>
    public torch.Tensor Labels { get; }

    /// <summary>The target.</summary>
    public ITarget Target => _model.Target;

    /// <summary>f: logits, rows × classes.</summary>
    public torch.Tensor Logits => _logits ??= PerSample is null ? _model.Target.Logits(Features) : Pass.Logits.detach().cpu();

    /// <summary>φ: rows × dimensions; see <see cref="ITarget.Embed"/>.</summary>
    public torch.Tensor Embeddings => _embeddings ??= PerSample is null ? _model.Target.Embed(Features) : Pass.Embeddings.cpu();

    /// <summary>Where the rows lie for a model beside the target: their features, and of texts, which are no numbers, the target's embeddings.</summary>
    internal torch.Tensor Places => _model.Target.TakesText ? Embeddings : Features;

    /// <summary>
    /// A 64-bit key of each row, <c>int64</c>. A training row has the same key whenever it occurs again. The key comes from the row id,
    /// or from the feature values if the data for the fit had no ids. It is 0 for a row without id if the data for the fit had ids.
    /// </summary>
    public torch.Tensor RowKeys => _rowKeys ??= torch.tensor(_rows.Keys ?? RowKey.OfFeatures(_rows.Features, _model.Target.FeatureCount));

    /// <summary>log p: rows × classes, in nats.</summary>
    public torch.Tensor LogProbabilities => _logProbabilities ??= torch.nn.functional.log_softmax(Logits, 1);

    /// <summary>log p_y: one per row, in nats.</summary>
    public torch.Tensor LabelLogProbabilities => LogProbabilities.gather(1, Labels.unsqueeze(1)).squeeze(1);

    /// <summary>∂ℓ/∂f = p − onehot(y), rows × classes. The entry of y is minus the sum of the others: 1 − p_y would cancel in a saturated model.</summary>
    public torch.Tensor LossLogitGradients => _lossLogitGradients ??= LogitGradients(Labels);

    /// <summary>
    /// ‖∇_θ ℓ‖²: one per row, <c>float32</c>, over all parameters. It costs a forward and a backward pass over the batch, and writes no gradient out;
    /// rows go one by one where the target's module has a layer without per-row gradients.
    /// </summary>
    /// <exception cref="NotSupportedException">The target shows no gradients with respect to its parameters.</exception>
    /// <exception cref="InvalidOperationException">No asked factor has gradients among its <see cref="IHardnessFactor.Requires"/>.</exception>
    public torch.Tensor LossGradientSquaredNorms => _lossGradientSquaredNorms ??= SquaredNorms();

    /// <summary>
    /// Gradients of Σ_n v_n · f_n with respect to the parameters, row by row and written out: for <see cref="LossLogitGradients"/> those of the loss.
    /// Each call costs a backward pass, and rows × parameters values of memory; <see cref="LossGradientSquaredNorms"/> needs none of it.
    /// </summary>
    /// <param name="logitGradients">v: rows × classes.</param>
    /// <returns>
    /// By the name of each layer that the logits depend on, rows × parameters of the layer, <c>float32</c>, on the CPU: its weight, then its bias,
    /// each flattened.
    /// </returns>
    /// <exception cref="ArgumentException">The gradients are not rows × classes.</exception>
    /// <exception cref="NotSupportedException">
    /// The target shows no gradients with respect to its parameters, or a layer of its module has no per-row gradients.
    /// </exception>
    /// <exception cref="InvalidOperationException">No asked factor has gradients among its <see cref="IHardnessFactor.Requires"/>.</exception>
    public IReadOnlyDictionary<string, torch.Tensor> ParameterGradients(torch.Tensor logitGradients)
    {
        CheckLogitGradients(logitGradients);
        var pass = GradientPass(TargetCapabilities.ParameterGradients);
        DemandSamplers("A factor");
        return pass.ParameterGradients(logitGradients).ToDictionary(layer => layer.Name, layer => layer.Flatten().cpu(), StringComparer.Ordinal);
    }

    /// <summary>
    /// Gradients of Σ_n v_n · f_n with respect to the features, row by row. Where the module makes tokens of the features, which have no gradient,
    /// the output of its first embedding layer stands for them. Each call costs a backward pass.
    /// </summary>
    /// <param name="logitGradients">v: rows × classes.</param>
    /// <returns>Rows × features, or rows × values of the embedding, <c>float32</c>, on the CPU.</returns>
    /// <exception cref="ArgumentException">The gradients are not rows × classes.</exception>
    /// <exception cref="NotSupportedException">The target shows no gradients with respect to its features.</exception>
    /// <exception cref="InvalidOperationException">No asked factor has gradients among its <see cref="IHardnessFactor.Requires"/>.</exception>
    public torch.Tensor InputGradients(torch.Tensor logitGradients)
    {
        CheckLogitGradients(logitGradients);
        return GradientPass(TargetCapabilities.InputGradients).InputGradients(logitGradients);
    }

    /// <summary>The state that a statistic learned from the training rows.</summary>
    /// <param name="statistic">The statistic.</param>
    /// <exception cref="KeyNotFoundException">No requested factor has this statistic.</exception>
    public IReadOnlyDictionary<string, torch.Tensor> State(IFactorStatistic statistic)
    {
        ArgumentNullException.ThrowIfNull(statistic);
        return _model.States[statistic.Name];
    }

    /// <summary>Forward pass on the target's device, with its graph if gradients were requested.</summary>
    internal PerSamplePass Pass => _pass ??= PerSample!.Forward(Features, _withGradients);

    /// <summary>Per-row gradients of the loss, layer by layer.</summary>
    internal IReadOnlyList<LayerGradient> LossGradients => _lossGradients ??= Pass.ParameterGradients(LossLogitGradients);

    /// <summary>∇_x ℓ: rows × features.</summary>
    internal torch.Tensor LossInputGradients => _lossInputGradients ??= Pass.InputGradients(LossLogitGradients);

    /// <summary>‖∇_θ ℓ‖² over all layers, from their samplers: one per row, on the target's device. At least one layer must be trainable.</summary>
    internal torch.Tensor SampledSquaredNorms =>
        _sampledSquaredNorms ??= LossGradients.Select(layer => layer.SquaredNorms()).Sum();

    /// <summary>Whether the target's module reads the features as tokens; see <see cref="PerSamplePass.ReadsTokens"/>.</summary>
    internal bool ReadsTokens => PerSample is not null && Pass.ReadsTokens;

    /// <summary>The module with hooks; <see langword="null"/> if the target gives no gradients.</summary>
    internal PerSampleModule? PerSample => _model.PerSample;

    /// <summary>
    /// The leaf that each row reaches in each tree: rows × trees, numbered over all trees; <see langword="null"/> if the target is not a tree
    /// ensemble.
    /// </summary>
    internal torch.Tensor? Leaves => _leaves ??= (_model.Target as TreeEnsembleTarget)?.Leaves(Features);

    /// <summary>Throws if a layer has no sampler.</summary>
    /// <param name="factor">The factor that needs samplers for all layers.</param>
    /// <exception cref="NotSupportedException">A layer has no sampler.</exception>
    internal void DemandSamplers(string factor)
    {
        if (PerSample?.Unsupported is [var layer, ..])
            throw new NotSupportedException($"{factor} needs the per-row gradients of every layer, but {layer}; or leave {factor} out of the factors.");
    }

    /// <summary>Result of a function of this batch, computed once for all factors.</summary>
    /// <param name="function">A static method; its identity is the key of the result.</param>
    internal T Shared<T>(Func<FactorBatch, T> function)
        where T : notnull
    {
        if (!_shared.TryGetValue(function, out var value))
            _shared[function] = value = function(this);
        return (T)value;
    }

    /// <summary>p − onehot(k) for labels k of any kind.</summary>
    internal torch.Tensor LogitGradients(torch.Tensor labels) => Torch.PerSample.Gradients.LogitGradients.OfLoss(LogProbabilities, labels);

    private torch.Tensor SquaredNorms()
    {
        var pass = GradientPass(TargetCapabilities.ParameterGradients);
        if (PerSample!.Unsupported.Count > 0)
            return RowByRowGradients.Norms(((TorchTarget)Target).Network, Features, LossLogitGradients).Square();
        return LossGradients.Count == 0 ? torch.zeros_like(pass.Logits.detach().sum(1)).cpu() : SampledSquaredNorms.cpu();
    }

    private PerSamplePass GradientPass(TargetCapabilities needed)
    {
        if (PerSample is null || !Target.Capabilities.HasFlag(needed))
            throw new NotSupportedException($"The target, a {Target.GetType().Name}, shows no {needed}: "
                + $"name them in the factor's {nameof(IHardnessFactor.Requires)}, so that it is refused for such targets.");
        return _withGradients
            ? Pass
            : throw new InvalidOperationException($"The batch was made without gradients: name {needed} in the factor's {nameof(IHardnessFactor.Requires)}.");
    }

    private void CheckLogitGradients(torch.Tensor logitGradients)
    {
        ArgumentNullException.ThrowIfNull(logitGradients);
        if (!logitGradients.shape.AsSpan().SequenceEqual([Count, Target.ClassCount]))
            throw new ArgumentException($"The gradients of the logits have the shape [{string.Join(", ", logitGradients.shape)}], but [{Count}, "
                + $"{Target.ClassCount}] is needed: rows × classes.", nameof(logitGradients));
    }
}
