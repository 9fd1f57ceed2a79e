using TorchSharp;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.TestPrograms.Devices;

/// <summary>Unlearners on the lazy device, beside the CPU.</summary>
internal static class DeviceUnlearners
{
    public static void Run(IEnumerable<string> names)
    {
        LazyDevice.Start();
        foreach (var name in names)
        {
            var example = DeviceCase.Find(name == "CT" ? "cnn" : "mlp");
            var onCpu = example.Recipe with { Device = TorchDevice.Cpu };
            using var target = onCpu.Train(example.Rows, example.Positions, seed: 7);
            using var copy = DeviceCase.OnLazy(target);
            using var model = Unlearn(example, name, target, onCpu);
            using var other = Unlearn(example, name, copy, example.Recipe with { Device = LazyDevice.Instance });
            DeviceReport.Add(name, Difference(example, model.Model, other.Model));
        }
    }

    private static UnlearnedModel Unlearn(DeviceCase example, string name, TorchTarget target, TorchRecipe recipe)
    {
        var request = new UnlearningRequest(target, recipe, example.Rows, [0, 5, 7, 13], seed: 4);
        return Find(name).Unlearn(request, CancellationToken.None);
    }

    // Large networks have no whole curvature.
    private static IUnlearner Find(string name) => name == "IR-EKFAC" ? new InfluenceRemoval { MaximumWholeCurvature = 0 } : KnownUnlearners.Find(name);

    private static double Difference(DeviceCase example, ITarget first, ITarget second)
    {
        if (first is TorchTarget network && second is TorchTarget otherNetwork)
            return DeviceCase.Difference(network, otherNetwork);
        using var scope = torch.NewDisposeScope();
        return DeviceCase.Difference(DeviceCase.Values(first.Logits(example.Rows.Features)), DeviceCase.Values(second.Logits(example.Rows.Features)));
    }
}
