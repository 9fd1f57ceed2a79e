using TorchSharp;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Torch.Modules;

/// <summary>A module of an architecture on a device, in evaluation mode: what a target computes with.</summary>
internal sealed class TorchNetwork : IDisposable
{
    private TorchNetwork(TorchArchitecture architecture, TorchDevice device, Module<torch.Tensor, torch.Tensor> module)
    {
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

    /// <summary>A network whose parameters are drawn from a seed.</summary>
    public static TorchNetwork Untrained(TorchArchitecture architecture, TorchDevice device, long seed) => new(architecture, device, architecture.CreateModule(seed));

    /// <summary>A network of the same architecture whose parameters are about to be overwritten.</summary>
    public TorchNetwork Another() => new(Architecture, RequestedDevice, Architecture.CreateAnother());

    /// <summary>A copy with parameters of its own.</summary>
    public TorchNetwork Clone()
    {
        var clone = Another();
        clone.SetState(Module.state_dict());
        return clone;
    }

    /// <summary>Logits, with a gradient graph where gradients are on; <paramref name="features"/> lie on <see cref="Device"/>.</summary>
    public torch.Tensor Forward(torch.Tensor features) => Module.call(features.reshape([features.shape[0], .. Architecture.InputShape]));

    public void SetTrainable(bool trainable)
    {
        foreach (var parameter in Module.parameters())
            parameter.requires_grad = trainable;
    }

    /// <summary>Overwrites parameters and buffers.</summary>
    /// <exception cref="ArgumentException">Names or shapes are not those of the architecture.</exception>
    public void SetState(Dictionary<string, torch.Tensor> state)
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

    public void Dispose() => Module.Dispose();
}
