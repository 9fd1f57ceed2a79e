using TorchSharp;
using Unlearn.Transforms.PerSample;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Targets;

/// <summary>A trained Torch module as a target.</summary>
public sealed class TorchTarget : ITarget
{
    private readonly Lazy<PerSampleModule> _perSample;

    private TorchTarget(TorchArchitecture architecture, TorchDevice device, Module<torch.Tensor, torch.Tensor> module)
    {
        Architecture = architecture;
        RequestedDevice = device;
        Device = device.Resolve();
        Module = module;
        if (Device.type != DeviceType.CPU)
            Module.to(Device);
        Module.eval();
        SetTrainable(false);
        _perSample = new(() => new(this));
    }

    /// <summary>Makes a target of a module that was trained elsewhere; the module is copied and stays the caller's.</summary>
    /// <param name="architecture">The module's architecture: it creates modules with the same parameter names and shapes.</param>
    /// <param name="module">The trained module.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="classNames">Names of the classes, if they are known; see <see cref="ITarget.ClassNames"/>.</param>
    /// <exception cref="ArgumentException">The module's parameters are not those of the architecture, or the names are not one for each class.</exception>
    public static TorchTarget FromModule(TorchArchitecture architecture, Module<torch.Tensor, torch.Tensor> module, TorchDevice device = default, IReadOnlyList<string>? classNames = null)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentNullException.ThrowIfNull(module);
        ClassOrder.Check(classNames, architecture.ClassCount, nameof(classNames));
        var target = Untrained(architecture, device, seed: 0);
        target.SetState(module.state_dict());
        target.ClassNames = classNames;
        return target;
    }

    /// <summary>The module's architecture.</summary>
    public TorchArchitecture Architecture { get; }

    /// <summary>What was recorded while it trained; <see langword="null"/> for a module trained elsewhere or loaded from a file.</summary>
    public TrainingTrace? Trace { get; internal set; }

    /// <inheritdoc/>
    public int ClassCount => Architecture.ClassCount;

    /// <inheritdoc/>
    public IReadOnlyList<string>? ClassNames { get; internal set; }

    /// <inheritdoc/>
    public int FeatureCount => Architecture.FeatureCount;

    /// <inheritdoc/>
    public TargetCapabilities Capabilities => TargetCapabilities.Logits | TargetCapabilities.InputGradients | TargetCapabilities.ParameterGradients | TargetCapabilities.LinearOutput;

    /// <summary>Number of parameters.</summary>
    public long ParameterCount => Module.parameters().Sum(parameter => parameter.numel());

    /// <inheritdoc/>
    public torch.Tensor Logits(torch.Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        return Forward(features.to(Device)).to(torch.CPU).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The module has no linear layer.</exception>
    public torch.Tensor Embed(torch.Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        using var scope = torch.NewDisposeScope();
        return PerSample.Forward(features.to(Device), withGradients: false).Embeddings.to(torch.CPU).MoveToOuterDisposeScope();
    }

    ITarget ITarget.Clone() => Clone();

    /// <summary>A copy with parameters of its own.</summary>
    public TorchTarget Clone()
    {
        var clone = Another();
        clone.SetState(Module.state_dict());
        clone.Trace = Trace;
        return clone;
    }

    /// <summary>A target of the same architecture whose parameters are about to be overwritten.</summary>
    internal TorchTarget Another() => new(Architecture, RequestedDevice, Architecture.CreateAnother()) { ClassNames = ClassNames };

    /// <summary>
    /// A copy of the module with parameters of its own that ask for gradients, in evaluation mode: for an unlearner of one's own, which changes it and makes a target
    /// of it again by <see cref="FromModule"/>. The caller disposes it.
    /// </summary>
    public Module<torch.Tensor, torch.Tensor> CopyModule()
    {
        var copy = Clone();
        copy.SetTrainable(true);
        return copy.Module;
    }

    /// <inheritdoc/>
    public void Dispose() => Module.Dispose();

    internal static TorchTarget Untrained(TorchArchitecture architecture, TorchDevice device, long seed) => new(architecture, device, architecture.CreateModule(seed));

    internal Module<torch.Tensor, torch.Tensor> Module { get; }

    /// <summary>The module with hooks on its layers.</summary>
    internal PerSampleModule PerSample => _perSample.Value;

    internal TorchDevice RequestedDevice { get; }

    internal torch.Device Device { get; }

    /// <summary>Logits, with a gradient graph where gradients are on; <paramref name="features"/> lie on <see cref="Device"/>.</summary>
    internal torch.Tensor Forward(torch.Tensor features) => Module.call(features.reshape([features.shape[0], .. Architecture.InputShape]));

    internal void SetTrainable(bool trainable)
    {
        foreach (var parameter in Module.parameters())
            parameter.requires_grad = trainable;
    }

    internal void SetState(Dictionary<string, torch.Tensor> state)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var own = Module.state_dict();
        var unknown = state.Keys.Except(own.Keys).Order().ToList();
        var missing = own.Keys.Except(state.Keys).Order().ToList();
        if (unknown.Count > 0 || missing.Count > 0)
            throw new ArgumentException($"The parameters are not those of architecture '{Architecture.Name}': missing [{string.Join(", ", missing)}], unknown [{string.Join(", ", unknown)}].");
        foreach (var (name, tensor) in own)
        {
            if (!tensor.shape.SequenceEqual(state[name].shape))
                throw new ArgumentException($"Parameter '{name}' has shape [{string.Join(", ", state[name].shape)}], but architecture '{Architecture.Name}' wants [{string.Join(", ", tensor.shape)}].");
            tensor.copy_(state[name]);
        }
    }
}
