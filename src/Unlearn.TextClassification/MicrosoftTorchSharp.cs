using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using TorchSharp;
using Unlearn.Transforms;

namespace Unlearn.TextClassification;

/// <summary>The program's Microsoft.ML.TorchSharp, whose network and tokenizer are internal: found by reflection, and checked as a whole.</summary>
internal static class MicrosoftTorchSharp
{
    public const string Name = "Microsoft.ML.TorchSharp";
    private const int PaddingIndex = 1;
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Lazy<Parts> Found = new(Find);

    private sealed record Parts(ConstructorInfo Network, Type Options, MethodInfo GetTokenizer, MethodInfo Encode, MethodInfo Zero);

    public static string Versions =>
        $"{Name} {Version(Assembly.Load(Name))} beside TorchSharp {Version(typeof(torch).Assembly)}";

    /// <summary>A network as the package makes it. Beside a newer TorchSharp some of its parameters are disposed.</summary>
    /// <param name="vocabulary">Number of tokens that there are.</param>
    /// <param name="classes">Number of classes.</param>
    public static torch.nn.Module<torch.Tensor, torch.Tensor, torch.Tensor> CreateNetwork(int vocabulary, int classes)
    {
        var options = Activator.CreateInstance(Found.Value.Options)!;
        // Nothing is drawn: this library's own trainings are repeatable.
        foreach (var option in Found.Value.Options.GetFields(Any))
            if (option.FieldType == typeof(double) && option.Name.EndsWith("Dropout", StringComparison.Ordinal))
                option.SetValue(options, 0.0);
        return (torch.nn.Module<torch.Tensor, torch.Tensor, torch.Tensor>)Found.Value.Network.Invoke([options, PaddingIndex, vocabulary, classes]);
    }

    /// <summary>Tokens of a text as the network counts them, without the first one, which begins every text.</summary>
    public static IReadOnlyList<int> Encode(string text)
    {
        using var channel = ((IHostEnvironment)new MLContext()).Start(nameof(Encode));
        var tokenizer = Found.Value.GetTokenizer.Invoke(null, [channel]);
        lock (Found)
            return (IReadOnlyList<int>)Found.Value.Encode.Invoke(null, [tokenizer, text])!;
    }

    /// <summary>Whether initializing a tensor disposes it, as the package's networks do beside a newer TorchSharp.</summary>
    public static bool DisposesWhatItInitializes()
    {
        using var tensor = torch.ones(1);
        Found.Value.Zero.Invoke(null, [tensor]);
        return tensor.IsInvalid;
    }

    private static Parts Find()
    {
        TorchRuntime.EnsureAvailable();
        Assembly assembly;
        try
        {
            assembly = Assembly.Load(Name);
        }
        catch (FileNotFoundException cause)
        {
            throw new InvalidOperationException($"The network of the model is that of {Name}, which this program lacks: add the package {Name}.", cause);
        }
        var options = assembly.GetType($"{Name}.NasBert.NasBertTrainer+NasBertOptions");
        var tokens = assembly.GetType($"{Name}.Extensions.TokenizerExtensions");
        var network = options is null ? null : assembly.GetType($"{Name}.NasBert.Models.ModelForPrediction")
            ?.GetConstructor(Any, [options, typeof(int), typeof(int), typeof(int)]);
        return network is not null && tokens?.GetMethod("GetInstance", Any) is { } get && tokens.GetMethod("EncodeToConverted", Any) is { } encode
            && assembly.GetType($"{Name}.Utils.ModelUtils")?.GetMethod("InitZeros", Any) is { } zero
            ? new(network, options!, get, encode, zero)
            : throw new NotSupportedException($"{Versions}: this version has another network than 0.23.1, which is the one that is known.");
    }

    private static string Version(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? assembly.GetName().Version!.ToString();
}
