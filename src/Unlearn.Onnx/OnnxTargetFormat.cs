using System.Text.Json;
using Microsoft.ML.Runtime;
using Unlearn.Transforms;

namespace Unlearn.Onnx;

/// <summary>ONNX models: the file, and how to read it.</summary>
internal sealed class OnnxTargetFormat : ITargetFormat
{
    private const string ModelEntry = "model.onnx";
    private const string OptionsEntry = "options.json";

    private OnnxTargetFormat() { }

    public static OnnxTargetFormat Instance { get; } = new();

    public string Kind => "onnx";

    /// <summary>Where loaded models compute; see <see cref="OnnxTarget.RegisterFormat(int?)"/>.</summary>
    public int? CudaDevice { get; set; }

    public bool CanSave(ITarget target) => target is OnnxTarget;

    public IReadOnlyDictionary<string, byte[]> Save(ITarget target)
    {
        var onnx = (OnnxTarget)target;
        return new Dictionary<string, byte[]> { [ModelEntry] = onnx.Model, [OptionsEntry] = JsonSerializer.SerializeToUtf8Bytes(onnx.Reading) };
    }

    public ITarget Load(IHostEnvironment environment, IReadOnlyDictionary<string, byte[]> entries)
    {
        try
        {
            var options = (JsonSerializer.Deserialize<OnnxTarget.Options>(entries[OptionsEntry]) ?? new()) with { CudaDevice = CudaDevice };
            return OnnxTarget.FromModel(entries[ModelEntry], options);
        }
        catch (Exception cause) when (cause is KeyNotFoundException or JsonException or ArgumentException)
        {
            throw new FormatException($"The saved hardness factors are damaged: the ONNX model cannot be read. {cause.Message}", cause);
        }
    }
}
