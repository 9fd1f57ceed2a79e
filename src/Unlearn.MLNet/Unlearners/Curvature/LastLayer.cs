using System.Runtime.CompilerServices;
using TorchSharp;
using TorchSharp.Modules;
using Unlearn.MLNet.Unlearners.Steps;
using Unlearn.Transforms;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Torch.PerSample.Gradients;
using Unlearn.Transforms.Torch.PerSample.Samplers;

namespace Unlearn.MLNet.Unlearners.Curvature;

/// <summary>
/// The output layer of a target as a separate model: softmax regression on the layer's inputs, in double precision. It is computed once for a target
/// and its rows.
/// </summary>
internal sealed class LastLayer
{
    private const long LargestSize = 6000;
    private const int RowsAtOnce = 1024;

    private static readonly ConditionalWeakTable<TorchTarget, LastLayer> OfTargets = [];

    private readonly TrainingRows _rows;
    private readonly bool _hasBias;
    private readonly torch.Tensor _inputs;
    private readonly torch.Tensor _sumOfGradients;
    private readonly torch.Tensor _curvature;
    private readonly Dictionary<(double, double, long), torch.Tensor> _inverses = [];

    private LastLayer(TorchTarget target, TrainingRows rows)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        _rows = rows;
        var layer = Find(target) ?? throw Refusal($"a {target.Module.GetName()} has no linear layer with {target.ClassCount} outputs");
        var name = target.Module.named_modules().FirstOrDefault(child => ReferenceEquals(child.module, layer)).name ?? LayerSamplers.Root;
        if (target.Frozen.Any(parameter => LayerSamplers.LayerOf(parameter) == name))
            throw Refusal("its last layer is frozen");
        _hasBias = layer.bias is not null;
        var size = target.ClassCount * (layer.in_features + (_hasBias ? 1 : 0));
        if (size > LargestSize)
            throw Refusal($"its last layer has {size} parameters, more than {LargestSize}");
        var embeddings = torch.cat([.. Enumerable.Range(0, rows.Count).Chunk(rows.AtOnce).Select(chunk =>
        {
            using var chunkScope = torch.NewDisposeScope();
            return target.Embed(rows.SliceFeatures(chunk[0], chunk.Length)).MoveToOuterDisposeScope();
        })]).to(torch.ScalarType.Float64);
        _inputs = (_hasBias ? torch.cat([embeddings, torch.ones(rows.Count, 1, torch.ScalarType.Float64)], 1) : embeddings).DetachFromDisposeScope();
        Weight =
            (_hasBias ? torch.cat([layer.weight!, layer.bias!.unsqueeze(1)], 1) : layer.weight!).cpu().to(torch.ScalarType.Float64).DetachFromDisposeScope();
        var sample = target.Logits(rows.SliceFeatures(0, Math.Min(rows.AtOnce, rows.Count)));
        if (!sample.isfinite().all().item<bool>())
            throw new TrainingDivergedException(
                $"{LastLayerRemoval.ShortName} cannot unlearn from a target whose logits are not finite. {UnlearningRun.Remedy}");
        if (_inputs.shape[1] != Weight.shape[1]
            || !Logits(Weight, _inputs.narrow(0, 0, sample.shape[0])).to(torch.ScalarType.Float32).allclose(sample, 1e-3, 1e-4))
            throw Refusal("its logits are not what its last linear layer gives");
        _sumOfGradients = Gradient(Weight, _inputs, rows.Labels).DetachFromDisposeScope();
        _curvature = torch.zeros([size, size], torch.ScalarType.Float64).DetachFromDisposeScope();
        foreach (var chunk in Enumerable.Range(0, rows.Count).Chunk(RowsAtOnce))
        {
            using var chunkScope = torch.NewDisposeScope();
            var factors = Factors(_inputs.narrow(0, chunk[0], chunk.Length));
            _curvature.addmm_(factors.t(), factors);
        }
    }

    /// <summary>[W, b]: classes × inputs.</summary>
    public torch.Tensor Weight { get; }

    /// <exception cref="ArgumentException">The target does not end in a linear layer of a supported size.</exception>
    public static LastLayer Of(TorchTarget target, TrainingRows rows)
    {
        lock (OfTargets)
        {
            if (OfTargets.TryGetValue(target, out var known) && ReferenceEquals(known._rows, rows))
                return known;
            var layer = new LastLayer(target, rows);
            OfTargets.AddOrUpdate(target, layer);
            return layer;
        }
    }

    /// <summary>Σ over all rows of ∂(−log p_y)/∂W.</summary>
    public torch.Tensor Gradient(torch.Tensor weight) => ReferenceEquals(weight, Weight) ? _sumOfGradients : Gradient(weight, _inputs, _rows.Labels);

    /// <summary>Σ over some rows of ∂(−log p_y)/∂W.</summary>
    public torch.Tensor Gradient(torch.Tensor weight, torch.Tensor positions) =>
        Gradient(weight, _inputs.index_select(0, positions), _rows.Labels.index_select(0, positions));

    /// <summary>A solver for the sum of the retained rows' curvatures at the target, including weight decay and damping.</summary>
    /// <exception cref="ArgumentException">The sum is singular.</exception>
    public DowndatedInverse CurvatureWithout(torch.Tensor forgotten, double decay, double relativeDamping)
    {
        var retained = _rows.Count - forgotten.shape[0];
        torch.Tensor? inverse;
        lock (_inverses)
            if (!_inverses.TryGetValue((decay, relativeDamping, retained), out inverse))
                _inverses[(decay, relativeDamping, retained)] = inverse = Invert(retained * decay, relativeDamping);
        return new(inverse, Factors(_inputs.index_select(0, forgotten)));
    }

    /// <summary>Writes the weights into a model.</summary>
    public void Write(torch.Tensor weight, TorchTarget model)
    {
        var layer = Find(model)!;
        layer.weight!.copy_(weight.narrow(1, 0, layer.in_features));
        if (_hasBias)
            layer.bias!.copy_(weight.select(1, layer.in_features));
    }

    private torch.Tensor Invert(double decay, double relativeDamping)
    {
        using var scope = torch.NewDisposeScope();
        var damped = _curvature.clone();
        damped.diagonal().AddInPlace(damped.diagonal().mean().Mul(relativeDamping).Add(decay));
        var (factor, failure) = torch.linalg.cholesky_ex(damped);
        return failure.item<int>() == 0
            ? torch.cholesky_inverse(factor).DetachFromDisposeScope()
            : throw new ArgumentException("The curvature of the target's last layer is singular: train it with weight decay, "
                + $"or set {nameof(LastLayerRemoval.RelativeDamping)} above 0.");
    }

    // The curvature is the sum of the outer products of these vectors: √p_k (e_k − p) ⊗ x for each row x and class k, since diag(p) − ppᵀ = Σ_k v_k
    // v_kᵀ with v_k = √p_k (e_k − p).
    private torch.Tensor Factors(torch.Tensor inputs)
    {
        var probabilities = Logits(Weight, inputs).softmax(1);
        var ofClasses = probabilities.sqrt().unsqueeze(2) * (torch.eye(probabilities.shape[1], dtype: torch.ScalarType.Float64) - probabilities.unsqueeze(1));
        return (ofClasses.unsqueeze(3) * inputs.unsqueeze(1).unsqueeze(1)).reshape(-1, Weight.numel());
    }

    private static torch.Tensor Gradient(torch.Tensor weight, torch.Tensor inputs, torch.Tensor labels) =>
        LogitGradients.OfLoss(Logits(weight, inputs).log_softmax(1), labels).t().matmul(inputs);

    private static torch.Tensor Logits(torch.Tensor weight, torch.Tensor inputs) => inputs.matmul(weight.t());

    private static Linear? Find(TorchTarget target) => target.Module.modules().OfType<Linear>().LastOrDefault(layer => layer.out_features == target.ClassCount);

    private static ArgumentException Refusal(string reason) =>
        new($"{LastLayerRemoval.ShortName} unlearns from the last layer of a target, but {reason}: use IR or NegGrad+.");
}
