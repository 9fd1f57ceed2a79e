using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using TorchSharp;
using Unlearn.TextClassification;

namespace Unlearn.Integration.Tests.Inputs;

/// <summary>Microsoft.ML.TorchSharp's network of texts with random parameters, in the package's own files. Its disposed parameters come back first.</summary>
internal static class RandomNetwork
{
    private const string Package = "Microsoft.ML.TorchSharp";
    /// <summary>Numbers of a text's representation.</summary>
    public const int Width = 192;

    private const int Vocabulary = 50265;
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Lazy<byte[]> Saved = new(Save);

    /// <summary>A saved ML.NET model of the classes <c>pos</c> and <c>neg</c>.</summary>
    public static byte[] Model => Saved.Value;

    /// <summary>Writes an encoder where a recipe finds it: what stands in for the pretrained one.</summary>
    public static void SaveEncoder(string path)
    {
        using var network = Of(Model);
        ((torch.nn.Module)network.GetType().GetMethod("GetEncoder", Any)!.Invoke(network, null)!).save(path);
    }

    /// <summary>The encoder: a last layer that passes on what it gets stands for the classifier.</summary>
    public static NasBertModule Encoder()
    {
        var state = SavedParameters.Read(SavedClassifier.Read(Model).Parameters);
        state["PredictionHead.Classifier.dense.weight"] = torch.eye(Width);
        state["PredictionHead.Classifier.dense.bias"] = torch.zeros(Width);
        var module = new NasBertModule(state.ToDictionary(entry => entry.Key, entry => entry.Value.shape), Width);
        module.Load(state);
        module.eval();
        return module;
    }

    /// <summary>The package's network in a saved model.</summary>
    public static torch.nn.Module<torch.Tensor, torch.Tensor, torch.Tensor> Of(byte[] model)
    {
        var saved = SavedClassifier.Read(model);
        var state = SavedParameters.Read(saved.Parameters);
        var module = new NasBertModule(state.ToDictionary(entry => entry.Key, entry => entry.Value.shape), saved.ClassCount);
        module.Load(state);
        module.eval();
        return (torch.nn.Module<torch.Tensor, torch.Tensor, torch.Tensor>)typeof(NasBertModule).GetField("Network", Any)!.GetValue(module)!;
    }

    // A network of random parameters, whose shapes follow from the disposed ones' layers, in the package's own transformer and file.
    private static byte[] Save()
    {
        torch.random.manual_seed(1);
        var network = MicrosoftTorchSharp.CreateNetwork(Vocabulary, 2);
        var shapes = new Dictionary<string, long[]>();
        foreach (var (name, module) in network.named_modules())
            switch (module)
            {
                case TorchSharp.Modules.Linear linear:
                    shapes[$"{name}.weight"] = [linear.out_features, linear.in_features];
                    shapes[$"{name}.bias"] = [linear.out_features];
                    break;
                case TorchSharp.Modules.Conv1d convolution:
                    shapes[$"{name}.weight"] = [convolution.out_channels, convolution.in_channels / convolution.groups, convolution.kernel_size[0]];
                    shapes[$"{name}.bias"] = [convolution.out_channels];
                    break;
            }
        foreach (var (name, parameter) in network.named_parameters())
            shapes.TryAdd(name, parameter.shape);
        var repaired = new NasBertModule(shapes, 2);
        // As the package initializes them: embeddings are drawn from a normal distribution already.
        using (torch.no_grad())
            foreach (var (name, parameter) in repaired.named_parameters().Where(entry => entry.parameter.dim() > 1))
                if (!name.Contains("Embedding", StringComparison.Ordinal))
                    _ = torch.nn.init.xavier_uniform_(parameter);
        var repairedNetwork = typeof(NasBertModule).GetField("Network", Any)!.GetValue(repaired)!;

        var assembly = Assembly.Load(Package);
        var context = new MLContext(1);
        var data = context.Data.LoadFromEnumerable(new[] { new TextRow { Label = "pos" }, new TextRow { Label = "neg" } });
        var keys = context.Transforms.Conversion.MapValueToKey("Label").Fit(data);
        var options = Activator.CreateInstance(assembly.GetType($"{Package}.NasBert.NasBertTrainer+NasBertOptions")!)!;
        void Set(string field, object value) => options.GetType().GetField(field, Any)!.SetValue(options, value);
        Set("Sentence1ColumnName", "Text");
        Set("NumberOfClasses", 2);
        Set("TaskType", Enum.Parse(assembly.GetType($"{Package}.NasBert.BertTaskType")!, "TextClassification"));
        var label = new DataViewSchema.DetachedColumn(keys.Transform(data).Schema["Label"]);
        var classifier = (ITransformer)assembly.GetType($"{Package}.NasBert.TextClassificationTransformer")!.GetConstructors(Any).Single(
            constructor => constructor.GetParameters().Length == 4).Invoke([context, options, repairedNetwork, label]);
        using var file = new MemoryStream();
        context.Model.Save(keys.Append(classifier), data.Schema, file);
        return file.ToArray();
    }

    private sealed class TextRow
    {
        public string Text { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
