using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Rows;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Torch.Modules;

/// <summary>A module of an architecture on a device, in evaluation mode: what a target computes with.</summary>
internal sealed class TorchNetwork : IDisposable
{
    private const int MostHints = 3;

    private TorchNetwork(TorchArchitecture architecture, TorchDevice device, Module<torch.Tensor, torch.Tensor> module, IReadOnlySet<string>? frozen)
    {
        Frozen = frozen ?? module.named_parameters()
            .Where(parameter => !parameter.parameter.requires_grad)
            .Select(parameter => parameter.name)
            .ToHashSet(StringComparer.Ordinal);
        Architecture = architecture;
        RequestedDevice = device;
        Device = device.Resolve();
        Module = module;
        if (Device.type != DeviceType.CPU)
            Module.to(Device);
        Module.eval();
        SetTrainable(false);
    }

    public TorchArchitecture Architecture { get; }

    public TorchDevice RequestedDevice { get; }

    public torch.Device Device { get; }

    public Module<torch.Tensor, torch.Tensor> Module { get; }

    /// <summary>Names of the parameters that stay as they are: the architecture created them with <c>requires_grad</c> off.</summary>
    public IReadOnlySet<string> Frozen { get; }

    /// <summary>The parameters that are trained, with their names: all but the frozen ones.</summary>
    public IEnumerable<(string Name, Parameter Parameter)> Trainable => Module.named_parameters().Where(parameter => !Frozen.Contains(parameter.name));

    /// <summary>A network whose parameters are drawn from a seed.</summary>
    /// <param name="architecture">The architecture.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="seed">Seed of the parameters.</param>
    /// <param name="frozen">Names of the parameters that no training changes; <see langword="null"/> for those that the architecture froze.</param>
    public static TorchNetwork Untrained(TorchArchitecture architecture, TorchDevice device, long seed, IReadOnlySet<string>? frozen = null) =>
        new(architecture, device, architecture.CreateModule(seed), frozen);

    /// <summary>A network of the same architecture whose parameters are about to be overwritten.</summary>
    public TorchNetwork Another() => new(Architecture, RequestedDevice, Architecture.CreateAnother(), Frozen);

    /// <summary>A copy with parameters of its own.</summary>
    public TorchNetwork Clone()
    {
        var clone = Another();
        clone.SetState(Module.state_dict());
        return clone;
    }

    /// <summary>Logits, with a gradient graph where gradients are on; <paramref name="features"/> lie on <see cref="Device"/>.</summary>
    public torch.Tensor Forward(torch.Tensor features) => Module.call(AlignedTensor.Of(features).reshape([features.shape[0], .. Architecture.InputShape]));

    public void SetTrainable(bool trainable)
    {
        foreach (var (name, parameter) in Module.named_parameters())
            parameter.requires_grad = trainable && !Frozen.Contains(name);
    }

    /// <summary>Overwrites parameters and buffers.</summary>
    /// <exception cref="ArgumentException">Names or shapes differ from the architecture's parameters.</exception>
    public void SetState(Dictionary<string, torch.Tensor> state)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var own = Module.state_dict();
        var unknown = state.Keys.Except(own.Keys).Order().ToList();
        var missing = own.Keys.Except(state.Keys).Order().ToList();
        if (unknown.Count > 0 || missing.Count > 0)
            throw new ArgumentException(
                $"The parameters are not those of architecture '{Architecture.Name}': missing {ClassOrder.Show(missing)}, unknown {ClassOrder.Show(unknown)}."
                + string.Concat(unknown.Take(MostHints).Where(_ => missing.Count > 0).Select(name => $" Near '{name}' are {NearestNames.Of(name, missing)}.")));
        foreach (var (name, tensor) in own)
        {
            if (!tensor.shape.SequenceEqual(state[name].shape))
                throw new ArgumentException($"Parameter '{name}' has shape [{string.Join(", ", state[name].shape)}], "
                    + $"but architecture '{Architecture.Name}' wants [{string.Join(", ", tensor.shape)}].");
            if (tensor.is_floating_point() != state[name].is_floating_point())
                throw new ArgumentException($"Parameter '{name}' is of type {state[name].dtype}, but architecture '{Architecture.Name}' wants {tensor.dtype}.");
            tensor.copy_(state[name]);
        }
    }

    public void Dispose() => Module.Dispose();
}
