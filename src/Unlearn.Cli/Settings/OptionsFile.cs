using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Unlearn.Cli.Terminal;
using Unlearn.Transforms.Rows;

namespace Unlearn.Cli.Settings;

/// <summary>The options file, <c>unlearn.json</c>: a JSON object whose properties are settings. Comments and trailing commas are allowed.</summary>
internal static class OptionsFile
{
    public const string Name = "unlearn.json";
    public const string SchemaName = "unlearn.schema.json";
    private const string SchemaKey = "$schema";
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a file into values.</summary>
    /// <exception cref="UsageException">It is not there or no such file, or names something that cannot be set.</exception>
    public static void Read(string path, SettingValues values)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path)).TrimStart('\ufeff'), Lenient);
        }
        catch (DecoderFallbackException)
        {
            throw new UsageException($"The options file '{path}' is no UTF-8: save it as UTF-8.");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The options file '{path}' cannot be read: {unreadable.Message}");
        }
        catch (JsonException wrong)
        {
            throw new UsageException($"The options file '{path}' is no JSON: {wrong.Message}");
        }
        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new UsageException($"The options file '{path}' must be a JSON object: write one with 'unlearn init'.");
            foreach (var property in document.RootElement.EnumerateObject().Where(property => property.Name != SchemaKey))
                values.Set(Find(property.Name, $"'{path}'"), Values(property, path), $"\"{property.Name}\" in '{path}'");
        }
    }

    /// <summary>The setting of a key.</summary>
    public static Setting Find(string key, string where) => KnownSettings.All.FirstOrDefault(setting => setting.Key == key || setting.Name == key)
        ?? throw new UsageException(
            $"{where} sets '{key}', which is nothing that can be set. Near it are {NearestNames.Of(key, KnownSettings.All.Select(setting => setting.Key))}.");

    /// <summary>The file of some values.</summary>
    public static string Of(SettingValues values)
    {
        JsonObject file = [];
        foreach (var (key, value) in values.ByKey)
            file[key] = Json(Find(key, Name), value);
        return file.ToJsonString(Indented) + "\n";
    }

    /// <summary>A file with a comment on every setting; those that are not set are comments too.</summary>
    public static string Commented(SettingValues values)
    {
        var file = new StringBuilder($"{{\n  \"{SchemaKey}\": \"./{SchemaName}\",\n");
        foreach (var setting in KnownSettings.All)
        {
            var value = values.Has(setting) ? Json(setting, values.List(setting)).ToJsonString(Indented).ReplaceLineEndings(" ") : null;
            file.Append($"\n  // {setting.Description}\n  {(value is null ? $"// \"{setting.Key}\": {Example(setting)}," : $"\"{setting.Key}\": {value},")}\n");
        }
        return file.Append("}\n").ToString();
    }

    /// <summary>The JSON schema of such files.</summary>
    public static string Schema()
    {
        JsonObject properties = new() { [SchemaKey] = new JsonObject { ["type"] = "string" } };
        foreach (var setting in KnownSettings.All)
        {
            var property = new JsonObject { ["description"] = setting.Description };
            switch (setting.Kind)
            {
                case SettingKind.Integer or SettingKind.Number:
                    property["type"] = setting.Kind == SettingKind.Integer ? "integer" : "number";
                    if (setting.Least is { } least)
                        property["minimum"] = least;
                    if (setting.Most is { } most)
                        property["maximum"] = most;
                    break;
                case SettingKind.Flag:
                    property["type"] = "boolean";
                    break;
                case SettingKind.List:
                    property["type"] = new JsonArray("string", "array");
                    property["items"] = new JsonObject { ["type"] = new JsonArray("string", "integer") };
                    break;
                default:
                    property["type"] = "string";
                    if (setting.Choices.Count > 0)
                        property[setting.FileEndings.Count > 0 ? "examples" : "enum"] = new JsonArray([.. setting.Choices.Select(choice => (JsonNode)choice)]);
                    break;
            }
            properties[setting.Key] = property;
        }
        return new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Options of the command unlearn",
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = properties,
        }.ToJsonString(Indented) + "\n";
    }

    private static string[] Values(JsonProperty property, string path)
    {
        string[] values = property.Value.ValueKind == JsonValueKind.Array
            ? [.. property.Value.EnumerateArray().Select(item => Scalar(item, property.Name, path))]
            : [Scalar(property.Value, property.Name, path)];
        return values.Length > 0 ? values : throw new UsageException($"\"{property.Name}\" in '{path}' is empty: give a value, or leave it out.");
    }

    private static string Scalar(JsonElement value, string key, string path) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => throw new UsageException($"\"{key}\" in '{path}' must be a text, a number, true, false, or a list of those."),
    };

    private static JsonNode Json(Setting setting, IReadOnlyList<string> values) => setting.Kind switch
    {
        SettingKind.Integer or SettingKind.Number => JsonValue.Create(double.Parse(values[0], CultureInfo.InvariantCulture)),
        SettingKind.Flag => JsonValue.Create(values[0] == "true"),
        SettingKind.List => new JsonArray([.. values.Select(value => (JsonNode)value)]),
        _ => JsonValue.Create(values[0]),
    };

    private static string Example(Setting setting) => setting.Kind switch
    {
        SettingKind.Integer => Invariant($"{Math.Max(setting.Least ?? 1, 1)}"),
        SettingKind.Number => "0.01",
        SettingKind.Flag => "false",
        SettingKind.List => $"[\"{setting.ValueName}\"]",
        _ => $"\"{(setting.Choices.Count > 0 ? setting.Choices[0] : setting.ValueName)}\"",
    };
}
