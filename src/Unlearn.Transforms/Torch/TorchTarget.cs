using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Rows;
using Unlearn.Transforms.Torch;
using Unlearn.Transforms.Torch.Modules;
using Unlearn.Transforms.Torch.PerSample;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms;

/// <summary>A trained Torch module as a target.</summary>
public sealed class TorchTarget : ITarget
{
    private readonly TorchNetwork _network;
    private readonly Lazy<PerSampleModule> _perSample;
    private bool _isDisposed;

    private TorchTarget(TorchNetwork network)
    {
        _network = network;
        _perSample = new(() => new(network));
    }

    /// <summary>Makes a target from a module that was trained elsewhere. The module is copied; the caller still owns it.</summary>
    /// <param name="architecture">The module's architecture: it creates modules with the same parameter names and shapes.</param>
    /// <param name="module">The trained module.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="classNames">Names of the classes, if they are known; see <see cref="ITarget.ClassNames"/>.</param>
    /// <exception cref="ArgumentException">
    /// The module's parameters do not fit the architecture or are not finite, or the number of names is not the number of classes.
    /// </exception>
    public static TorchTarget FromModule(
        TorchArchitecture architecture, Module<torch.Tensor, torch.Tensor> module, TorchDevice device = default, IReadOnlyList<string>? classNames = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        return FromStateDict(architecture, module.state_dict(), device, classNames);
    }

    /// <summary>Makes a target from parameters and buffers by name, such as a file holds. They are copied; the caller still owns them.</summary>
    /// <param name="architecture">The architecture that the parameters are of.</param>
    /// <param name="state">
    /// Tensors by name, as <c>state_dict</c> gives them. Floating-point numbers of another precision become those of the architecture.
    /// </param>
    /// <param name="device">Where to compute.</param>
    /// <param name="classNames">Names of the classes, if they are known; see <see cref="ITarget.ClassNames"/>.</param>
    /// <exception cref="ArgumentException">
    /// Names, shapes or kinds of numbers are not those of the architecture, a number is not finite, or the number of names is not the number of classes.
    /// </exception>
    public static TorchTarget FromStateDict(
        TorchArchitecture architecture, IReadOnlyDictionary<string, torch.Tensor> state, TorchDevice device = default, IReadOnlyList<string>? classNames = null)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentNullException.ThrowIfNull(state);
        ClassOrder.Check(classNames, architecture.ClassCount, nameof(classNames));
        var target = Untrained(architecture, device, seed: 0);
        try
        {
            target.SetState(new(state));
        }
        catch
        {
            target.Dispose();
            throw;
        }
        target.ClassNames = classNames;
        return FiniteState.Require(target);
    }

    /// <summary>The module's architecture.</summary>
    public TorchArchitecture Architecture => _network.Architecture;

    /// <summary>Trace recorded during training; <see langword="null"/> for a module trained elsewhere or loaded from a file.</summary>
    public TrainingTrace? Trace { get; internal set; }

    /// <inheritdoc/>
    public int ClassCount => Architecture.ClassCount;

    /// <inheritdoc/>
    public IReadOnlyList<string>? ClassNames { get; internal set; }

    /// <inheritdoc/>
    public int FeatureCount => Architecture.FeatureCount;

    /// <inheritdoc/>
    public TargetCapabilities Capabilities =>
        TargetCapabilities.Logits | TargetCapabilities.InputGradients | TargetCapabilities.ParameterGradients | TargetCapabilities.LinearOutput;

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

    /// <summary>A copy with separate parameters.</summary>
    public TorchTarget Clone() => new(Network.Clone()) { ClassNames = ClassNames, Trace = Trace };

    /// <summary>A target of the same architecture. The caller overwrites its parameters.</summary>
    internal TorchTarget Another() => new(Network.Another()) { ClassNames = ClassNames };

    /// <summary>
    /// A copy of the module with parameters of its own that ask for gradients, but for those that the architecture froze, in evaluation mode: for an
    /// unlearner of one's own, which changes it and makes a target of it again by <see cref="FromModule"/>. The caller disposes it.
    /// </summary>
    public Module<torch.Tensor, torch.Tensor> CopyModule()
    {
        var copy = Clone();
        copy.SetTrainable(true);
        return copy.Module;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        _network.Dispose();
    }

    internal static TorchTarget Untrained(TorchArchitecture architecture, TorchDevice device, long seed, IReadOnlySet<string>? frozen = null) =>
        new(TorchNetwork.Untrained(architecture, device, seed, frozen));

    internal TorchNetwork Network
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _network;
        }
    }

    internal Module<torch.Tensor, torch.Tensor> Module => Network.Module;

    /// <summary>The module with hooks on its layers.</summary>
    internal PerSampleModule PerSample
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _perSample.Value;
        }
    }

    /// <summary>Whether the module reads features as numbers of tokens; see <see cref="PerSamplePass.ReadsTokens"/>.</summary>
    /// <param name="features">Some rows × features.</param>
    internal bool ReadsTokens(torch.Tensor features)
    {
        using var scope = torch.NewDisposeScope();
        return PerSample.Forward(features.to(Device), withGradients: true).ReadsTokens;
    }

    /// <inheritdoc cref="TorchNetwork.Frozen"/>
    internal IReadOnlySet<string> Frozen => Network.Frozen;

    /// <inheritdoc cref="TorchNetwork.Trainable"/>
    internal IEnumerable<(string Name, Parameter Parameter)> Trainable => Network.Trainable;

    internal TorchDevice RequestedDevice => Network.RequestedDevice;

    internal torch.Device Device => Network.Device;

    /// <inheritdoc cref="TorchNetwork.Forward"/>
    internal torch.Tensor Forward(torch.Tensor features) => Network.Forward(features);

    internal void SetTrainable(bool trainable) => Network.SetTrainable(trainable);

    internal void SetState(Dictionary<string, torch.Tensor> state) => Network.SetState(state);
}
