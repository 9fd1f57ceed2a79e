# Makes FOLDER/Snippet1.cs, Snippet2.cs, … of the C# of a document: a snippet's using lines, and the rest as the body of a method that is given data.
/^```csharp\r?$/ { count++; file = folder "/Snippet" count ".cs"; inside = 1; body = 0; next }
inside && /^```\r?$/ { print "    }\n}" > file; close(file); inside = 0; next }
inside && !body && /^using [A-Za-z0-9.]+;/ { print > file; next }
inside && !body && NF {
  body = 1
  print "\ninternal static partial class Snippets\n{\n    private static async Task Snippet" count "(Microsoft.ML.IDataView data)\n    {" > file
  print "        await Task.Yield();" > file
}
inside { print > file }
END { print count + 0 }
